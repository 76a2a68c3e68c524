// Messages of a request as a conversation with decoded pictures.
#pragma once

#include "prompt/conversation.h"
#include "serve/picture_source.h"

namespace r1v {

/// messages  have the shape of messages_shape(). `where` is the field they stand in. all_low tells whether there are
/// pictures and all ask for detail "low". throws HttpError 400 as RequestPictures does, and where some pictures ask for
/// "low" and others do not.
Conversation read_messages(const Json& messages, const std::string& where, RequestPictures& pictures, bool& all_low);

/// What a chat request says about thinking.
struct ThinkingWish {
  bool is_enabled = true;
  int64_t budget = -1;          // tokens; -1 = none
  bool is_budget_soft = false;  // of an effort: given up where max_tokens is not more than it
};

/// thinking, chat_template_kwargs and an effort ("" = none given). throws HttpError 400 where they contradict each
/// other.
ThinkingWish read_thinking(const Json& request, const std::string& effort, const std::string& effort_param);

}  // namespace r1v

// A conversation as the variables of a chat template, foreign text and pictures marked.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/json.h"
#include "prompt/conversation.h"
#include "prompt/protect.h"
#include "text/template.h"

namespace r1v {

/// Keys of an assistant's message under which other tools keep its thoughts.
inline constexpr std::array<const char*, 3> kReasoningKeys = {"reasoning_content", "reasoning", "thinking"};

/// What stands for a picture in the text of a message, LLaVA style.
inline constexpr std::string_view kPictureMarker = "<image>";
size_t count_markers(std::string_view text);

/// Which shapes of "content" a template prints.
struct ContentShapes {
  bool text = true;    // a string
  bool parts = false;  // a list of {"type":"text","text":...}
};
/// Found out by rendering a question in both shapes.
ContentShapes probe_content_shapes(const ChatTemplate& chat_template, const Json& tokenizer_config);

/// What stands in place of the assistant's contents.
enum class Replies { as_text, as_marks };

/// messages, add_generation_prompt, tools, bos_token, eos_token, template_kwargs.
///
/// Contents keep the shape of the request where the template prints it and become the other one otherwise; null stays
/// null. Every picture of a message becomes a mark: in place of the `<image>` markers that the message's text has
/// (LLaVA style; their numbers must agree), otherwise where the picture part stands, followed by a line break. Without
/// pictures `<image>` is plain text.
/// Replies::as_marks: the content of message i of the assistant is Protector::reply_mark(i), without reasoning.
/// throws InputError naming the message when markers and pictures differ in number.
Json template_variables(const Conversation& conversation, Protector& protector, const Json& tokenizer_config,
                        ContentShapes shapes, Replies replies = Replies::as_text);

/// A token of tokenizer_config.json: a string, or an object with "content"; "" when it has none.
std::string config_token(const Json& tokenizer_config, const char* key);

}  // namespace r1v

// The bytes of a reply's head.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/exchange.h"

namespace r1v {

struct ReplyFrame {
  std::optional<size_t> content_length;  // none: in chunks, or to the end of the connection
  bool is_chunked = false;
  bool closes = false;
  std::string_view request_id;
  const std::vector<std::pair<std::string, std::string>>* more_headers = nullptr;
};

/// Status line to blank line. Fields that the reply sets itself replace the server's defaults.
std::string reply_head(const HttpReply& reply, const ReplyFrame& frame);

/// No field may smuggle in another one. throws InternalError.
void check_reply_headers(const HttpReply& reply);

/// Whether replies of this status have a body at all.
bool has_reply_body(int status);

}  // namespace r1v

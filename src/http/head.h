// Heads of HTTP/1 messages, read strictly: whatever two programs might read in two ways is refused.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace r1v {

/// Names in lower case; the values of a repeated field joined by ", ".
using HttpHeaders = std::map<std::string, std::string>;

struct HttpHead {
  std::string method, target;  // of a request
  int status = 0;              // of a reply
  bool is_http_10 = false;
  HttpHeaders headers;
  std::optional<uint64_t> content_length;
  bool is_chunked = false;
  bool wants_close = false;
  bool expects_continue = false;

  /// "" where there is no such field.
  const std::string& header(const std::string& lower_case_name) const;
  bool has_body() const { return is_chunked || content_length.value_or(0) > 0; }
};

/// Bytes of the head at the front, its blank line included; 0 while it is not whole. `seen` bytes were searched before.
size_t http_head_size(std::string_view bytes, size_t seen = 0);

/// Whether these first bytes can still become a request line; noise is told before a head of it has been gathered.
bool may_be_request(std::string_view bytes);

/// `bytes` end with the blank line. throws HttpError 400.
HttpHead parse_request_head(std::string_view bytes);
HttpHead parse_reply_head(std::string_view bytes);

/// ASCII letters in lower case, all else as it is.
std::string lower_case(std::string_view text);

/// A "token" of RFC 9110: letters, digits and !#$%&'*+-.^_`|~
bool is_http_token(std::string_view text);

}  // namespace r1v

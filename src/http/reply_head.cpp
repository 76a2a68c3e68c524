// Every reply says what it is and asks browsers to be strict with it.
#include "http/reply_head.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>

#include "base/clock.h"
#include "base/error.h"
#include "http/head.h"

namespace r1v {
namespace {

using Field = std::pair<std::string_view, std::string_view>;

constexpr std::array<Field, 6> kDefaults = {{
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
}};

constexpr std::pair<int, std::string_view> kReasons[] = {
    {200, "OK"},
    {201, "Created"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
};

std::string_view reason(int status) {
  const auto* known =
      std::find_if(std::begin(kReasons), std::end(kReasons), [&](const auto& entry) { return entry.first == status; });
  return known == std::end(kReasons) ? "Status" : known->second;
}

// "Sun, 06 Nov 1994 08:49:37 GMT"; made once a second, by the I/O thread alone.
const std::string& http_date() {
  static thread_local std::time_t made = 0;
  static thread_local std::string text;
  const auto now = static_cast<std::time_t>(std::floor(unix_time_s()));
  if (now == made && !text.empty()) return text;
  made = now;
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 40> buffer{};
  const size_t size = std::strftime(buffer.data(), buffer.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  text.assign(buffer.data(), size);
  return text;
}

void add(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

bool is_text(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; });
}

}  // namespace

bool has_reply_body(int status) { return status >= 200 && status != 204 && status != 304; }

void check_reply_headers(const HttpReply& reply) {
  R1V_CHECK(reply.status >= 200 && reply.status <= 599, "status ", reply.status);
  R1V_CHECK(is_text(reply.content_type), "control character in a content type");
  for (const auto& [name, value] : reply.headers) {
    R1V_CHECK(is_http_token(name) && is_text(value), "this is no header field: ", printable(name));
  }
}

std::string reply_head(const HttpReply& reply, const ReplyFrame& frame) {
  std::string head;
  head.reserve(640);
  head.append("HTTP/1.1 ").append(std::to_string(reply.status)).append(" ").append(reason(reply.status)).append("\r\n");
  add(head, "Date", http_date());
  const bool has_body = has_reply_body(reply.status);
  if (has_body && !reply.content_type.empty()) add(head, "Content-Type", reply.content_type);
  if (has_body && frame.content_length) add(head, "Content-Length", std::to_string(*frame.content_length));
  if (has_body && frame.is_chunked) add(head, "Transfer-Encoding", "chunked");
  if (frame.closes) add(head, "Connection", "close");
  add(head, "X-Request-Id", frame.request_id);
  for (const auto& [name, value] : kDefaults) {
    const std::string lower = lower_case(name);
    const bool is_set = std::any_of(reply.headers.begin(), reply.headers.end(),
                                    [&](const auto& field) { return lower_case(field.first) == lower; });
    if (!is_set) add(head, name, value);
  }
  for (const auto& [name, value] : reply.headers) add(head, name, value);
  if (frame.more_headers != nullptr) {
    for (const auto& [name, value] : *frame.more_headers) add(head, name, value);
  }
  head.append("\r\n");
  return head;
}

}  // namespace r1v

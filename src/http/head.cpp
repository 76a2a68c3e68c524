// One line at a time; every line ends in CR LF, no field goes on in the next line, and the length is said once.
#include "http/head.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"
#include "http/error.h"
#include "http/split.h"

namespace r1v {
namespace {

constexpr size_t kMaxFields = 100;
// A second one of these would mean something else to a program that reads the other one.
constexpr std::array kOnce = {"authorization",
                              "content-encoding",
                              "content-length",
                              "content-type",
                              "expect",
                              "host",
                              "origin",
                              "transfer-encoding",
                              "x-api-key",
                              "x-request-id",
                              "access-control-request-headers"};

[[noreturn]] void refuse(const std::string& message) { throw HttpError(400, "malformed_request", message); }

bool is_token_character(char c) {
  const bool is_alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return is_alphanumeric || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view take_line(std::string_view& bytes) {
  const size_t end = bytes.find("\r\n");
  if (end == std::string_view::npos) refuse("a line of the head does not end in CR LF");
  const std::string_view line = bytes.substr(0, end);
  bytes.remove_prefix(end + 2);
  return line;
}

uint64_t content_length(const std::string& text) {
  // 18 digits fit into 64 bits whatever they are.
  const bool is_number =
      !text.empty() && text.size() <= 18 && text.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number) refuse(cat("Content-Length is no number of bytes: '", printable(text), "'"));
  return std::stoull(text);
}

void add_field(std::string_view line, HttpHead& head) {
  if (line.front() == ' ' || line.front() == '\t') refuse("a header field is continued on the next line");
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_http_token(line.substr(0, colon))) {
    refuse(cat("this is no header field: '", printable(line), "'"));
  }
  const std::string name = lower_case(line.substr(0, colon));
  const std::string_view value = trim(line.substr(colon + 1));
  for (const char c : value) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) {
      refuse(cat("header field ", name, " has a control character in it"));
    }
  }
  const auto [place, is_new] = head.headers.emplace(name, value);
  if (is_new) return;
  if (std::find(kOnce.begin(), kOnce.end(), name) != kOnce.end()) refuse(cat("header field ", name, " is given twice"));
  place->second += ", ";
  place->second += value;
}

bool has_word(const std::string& list, std::string_view word) {
  const std::string lower = lower_case(list);
  const std::vector<std::string_view> parts = split(lower, ',');
  return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) { return trim(part) == word; });
}

// How long the body is must have one meaning only.
void read_framing(HttpHead& head) {
  const auto length = head.headers.find("content-length");
  const auto coding = head.headers.find("transfer-encoding");
  if (length != head.headers.end() && coding != head.headers.end()) {
    refuse("Content-Length and Transfer-Encoding are both given");
  }
  if (length != head.headers.end()) head.content_length = content_length(length->second);
  if (coding != head.headers.end()) {
    if (head.is_http_10 || lower_case(coding->second) != "chunked") {
      refuse(cat("Transfer-Encoding '", printable(coding->second), "' is not known here; HTTP/1.1 and chunked are"));
    }
    head.is_chunked = true;
  }
  head.wants_close = head.is_http_10 || has_word(head.header("connection"), "close");
  head.expects_continue = !head.is_http_10 && lower_case(head.header("expect")) == "100-continue";
}

void read_fields(std::string_view bytes, HttpHead& head) {
  for (size_t count = 0;; ++count) {
    const std::string_view line = take_line(bytes);
    if (line.empty()) break;
    if (count == kMaxFields) throw HttpError(431, "header_too_large", cat("more than ", kMaxFields, " header fields"));
    add_field(line, head);
  }
  read_framing(head);
}

bool read_version(std::string_view text, HttpHead& head) {
  head.is_http_10 = text == "HTTP/1.0";
  return head.is_http_10 || text == "HTTP/1.1";
}

}  // namespace

const std::string& HttpHead::header(const std::string& lower_case_name) const {
  static const std::string none;
  const auto place = headers.find(lower_case_name);
  return place == headers.end() ? none : place->second;
}

size_t http_head_size(std::string_view bytes, size_t seen) {
  const size_t end = bytes.find("\r\n\r\n", seen < 3 ? 0 : seen - 3);
  return end == std::string_view::npos ? 0 : end + 4;
}

bool may_be_request(std::string_view bytes) {
  constexpr size_t kLongestMethod = 24;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == ' ') return i > 0;
    if (i == kLongestMethod || !is_token_character(bytes[i])) return false;
  }
  return true;
}

HttpHead parse_request_head(std::string_view bytes) {
  HttpHead head;
  const std::string_view line = take_line(bytes);
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) refuse("the request line is not 'METHOD target HTTP/1.1'");
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  if (!is_http_token(head.method)) refuse("the request's method is no word");
  if (!read_version(line.substr(last + 1), head)) refuse("the request is not in HTTP/1.1 or HTTP/1.0");
  const bool is_visible =
      std::all_of(head.target.begin(), head.target.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (head.target.empty() || !is_visible) refuse("the request's target is not made of visible ASCII characters");
  read_fields(bytes, head);
  if (!head.is_http_10 && !head.headers.contains("host")) refuse("the request has no Host");
  return head;
}

HttpHead parse_reply_head(std::string_view bytes) {
  HttpHead head;
  const std::string_view line = take_line(bytes);
  const std::string_view code = line.size() >= 12 ? line.substr(9, 3) : std::string_view();
  const bool is_status = code.size() == 3 && code.find_first_not_of("0123456789") == std::string_view::npos;
  if (!is_status || line[8] != ' ' || (line.size() > 12 && line[12] != ' ') || !read_version(line.substr(0, 8), head)) {
    refuse("the status line is not 'HTTP/1.1 200 OK'");
  }
  head.status = std::stoi(std::string(code));
  read_fields(bytes, head);
  return head;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool is_http_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

}  // namespace r1v

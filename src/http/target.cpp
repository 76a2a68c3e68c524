// Decoded once, checked after decoding.
#include "http/target.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "http/error.h"

namespace r1v {
namespace {

constexpr size_t kMaxParameters = 100;

[[noreturn]] void refuse(const std::string& message) { throw HttpError(400, "invalid_path", message); }

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto byte = [&](size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u; };
    const unsigned first = byte(i);
    const size_t length = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : 4;
    if (length == 4 && (first < 0xf0 || first > 0xf4)) return false;
    for (size_t k = 1; k < length; ++k) {
      if ((byte(i + k) & 0xc0) != 0x80) return false;
    }
    const unsigned second = byte(i + 1);  // overlong forms, surrogates, beyond U+10FFFF
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return false;
    if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return false;
    i += length;
  }
  return true;
}

enum class Plus { kIsBlank, kIsPlus };

std::string decode(std::string_view text, Plus plus) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const int high = i + 2 < text.size() ? digit_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? digit_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) refuse(cat("a percent sign without two hexadecimal digits in '", printable(text), "'"));
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      decoded += text[i] == '+' && plus == Plus::kIsBlank ? ' ' : text[i];
    }
  }
  const bool has_control =
      std::any_of(decoded.begin(), decoded.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; });
  if (has_control || !is_utf8(decoded)) refuse("the request's target has a control character or is not UTF-8");
  return decoded;
}

void check_path(std::string_view raw, const std::string& path) {
  // An encoded slash would be one part here and two for whoever splits later.
  if (std::count(raw.begin(), raw.end(), '/') != std::count(path.begin(), path.end(), '/')) {
    refuse("the request's path has an encoded slash in it");
  }
  if (path.find('\\') != std::string::npos) refuse("the request's path has a backslash in it");
  for (size_t begin = 1; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string part = path.substr(begin, end - begin);
    const bool is_last = end == path.size();
    if ((part.empty() && !is_last) || part == "." || part == "..") {
      refuse("the request's path has an empty, '.' or '..' part");
    }
    begin = end + 1;
  }
}

std::map<std::string, std::string> parse_query(std::string_view text) {
  std::map<std::string, std::string> query;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('&', begin), text.size());
    const std::string_view pair = text.substr(begin, end - begin);
    begin = end + 1;
    if (pair.empty()) continue;
    const size_t equals = std::min(pair.find('='), pair.size());
    const std::string name = decode(pair.substr(0, equals), Plus::kIsBlank);
    const std::string value = decode(pair.substr(std::min(equals + 1, pair.size())), Plus::kIsBlank);
    if (!query.emplace(name, value).second) refuse(cat("query parameter '", printable(name), "' is given twice"));
    if (query.size() > kMaxParameters) refuse("the request has too many query parameters");
  }
  return query;
}

}  // namespace

RequestTarget parse_target(std::string_view target) {
  if (target.empty() || target.front() != '/') refuse("the request's target is not a path that starts with '/'");
  if (target.find('#') != std::string_view::npos) refuse("the request's target has a '#' in it");
  const size_t question = std::min(target.find('?'), target.size());
  const std::string_view raw_path = target.substr(0, question);
  RequestTarget parsed;
  parsed.path = decode(raw_path, Plus::kIsPlus);
  check_path(raw_path, parsed.path);
  parsed.query = parse_query(target.substr(std::min(question + 1, target.size())));
  return parsed;
}

}  // namespace r1v

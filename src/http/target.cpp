// Decoded once, checked after decoding.
#include "http/target.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/hex.h"
#include "base/utf8.h"
#include "http/error.h"
#include "http/split.h"

namespace r1v {
namespace {

constexpr size_t kMaxParameters = 100;

[[noreturn]] void refuse(const std::string& message) { throw HttpError(400, "invalid_path", message); }

enum class Plus { kIsBlank, kIsPlus };

std::string decode(std::string_view text, Plus plus) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
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
  const std::vector<std::string_view> parts = split(std::string_view(path).substr(1), '/');
  for (size_t i = 0; i < parts.size(); ++i) {
    const bool is_last = i + 1 == parts.size();
    if ((parts[i].empty() && !is_last) || parts[i] == "." || parts[i] == "..") {
      refuse("the request's path has an empty, '.' or '..' part");
    }
  }
}

std::map<std::string, std::string> parse_query(std::string_view text) {
  std::map<std::string, std::string> query;
  for (const std::string_view pair : split(text, '&')) {
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

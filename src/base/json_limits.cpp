// Limits are checked before anything is built: values are destroyed by recursion, and keys searched one by one.
#include "base/json_limits.h"

#include <algorithm>
#include <unordered_set>
#include <vector>

namespace r1v {
namespace {

using Keys = std::unordered_set<std::string>;

/// The place behind the string whose opening quote stands at `at`.
size_t end_of_string(std::string_view text, size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at + 1, text.size());
}

bool is_key(std::string_view text, size_t end_of_string) {
  const size_t next = text.find_first_not_of(" \t\r\n", end_of_string);
  return next != std::string_view::npos && text[next] == ':';
}

void add_key(const JsonLimits& limits, std::string_view quoted, const std::string& where, Keys& keys) {
  std::string key(quoted.substr(1, quoted.size() - 2));
  if (key.find('\\') != std::string::npos) key = Json::parse(quoted).get<std::string>();
  const auto [place, is_new] = keys.insert(std::move(key));
  if (!is_new && limits.refuses_repeated_keys) {
    throw InputError(cat(where, ": JSON has the key \"", printable(*place), "\" twice in one object"));
  }
  if (keys.size() > limits.max_keys) {
    throw InputError(cat(where, ": JSON has an object with more than ", limits.max_keys, " keys"));
  }
}

/// Everything about validity is left to the parser.
void check_limits(const JsonLimits& limits, std::string_view text, const std::string& where) {
  const bool checks_keys = limits.refuses_repeated_keys || limits.max_keys != SIZE_MAX;
  std::vector<Keys> open;  // of the lists and objects that are open; lists have none
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      const size_t end = end_of_string(text, i);
      if (checks_keys && !open.empty() && is_key(text, end)) {
        add_key(limits, text.substr(i, end - i), where, open.back());
      }
      i = end - 1;
    } else if (c == '[' || c == '{') {
      open.emplace_back();
      if (std::ssize(open) > limits.max_depth) {
        throw InputError(cat(where, ": JSON is nested deeper than ", limits.max_depth, " levels at byte ", i));
      }
    } else if ((c == ']' || c == '}') && !open.empty()) {
      open.pop_back();
    }
  }
}

}  // namespace

Json parse_json_within(const JsonLimits& limits, std::string_view text, const std::string& where) {
  try {
    check_limits(limits, text, where);
    return Json::parse(text);
  } catch (const Json::exception& error) {
    // nlohmann's message names line and column; its prefix "[json.exception...]" is dropped.
    std::string message = error.what();
    const size_t end = message.find("] ");
    if (end != std::string::npos) message = message.substr(end + 2);
    throw JsonSyntaxError(cat(where, ": not valid JSON: ", printable(message, 200)));
  }
}

}  // namespace r1v

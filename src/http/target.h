// What a request asks for: its path and query decoded, in the one spelling that every later check sees.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace r1v {

struct RequestTarget {
  std::string path;                          // starts with '/', valid UTF-8, no empty, "." or ".." part
  std::map<std::string, std::string> query;  // '+' is a blank
};

/// throws HttpError 400: not an origin-form target ("/path?query"), broken percent codes, a control character, what is
/// not UTF-8, a query parameter twice, or a path with an empty, "." or ".." part, an encoded slash or a backslash.
/// Nothing is repaired: a path with two spellings is refused, so the key check and the routes cannot see different
/// ones.
RequestTarget parse_target(std::string_view target);

}  // namespace r1v

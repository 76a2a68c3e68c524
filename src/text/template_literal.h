// Numbers and quoted strings as the template language writes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace r1v::jinja {

struct NumberLiteral {
  size_t length = 0;  // bytes taken
  bool is_real = false;
  bool too_large = false;
  int64_t integer = 0;
  double real = 0.0;
};
/// The number that `text` starts with (a digit). `integer_only`: behind a dot, where "0.1" would be two indexes.
NumberLiteral read_number(std::string_view text, bool integer_only);

/// Undoes Python's backslash escapes; sets `error` when one is broken.
std::string unescape(std::string_view text, std::string& error);

}  // namespace r1v::jinja

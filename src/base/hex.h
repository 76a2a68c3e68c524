// Hexadecimal digits.
#pragma once

#include <span>
#include <string>

namespace r1v {

/// Two lower-case digits a byte.
std::string hex_text(std::span<const unsigned char> bytes);

/// 0 to 15, of a digit in either case; -1 when it is none.
int hex_value(char32_t digit);

}  // namespace r1v

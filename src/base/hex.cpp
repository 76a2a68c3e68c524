// Digits by table and by arithmetic.
#include "base/hex.h"

namespace r1v {

std::string hex_text(std::span<const unsigned char> bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const unsigned char byte : bytes) text += {kDigits[byte >> 4], kDigits[byte & 15]};
  return text;
}

int hex_value(char32_t digit) {
  if (digit >= '0' && digit <= '9') return static_cast<int>(digit - '0');
  if (digit >= 'a' && digit <= 'f') return static_cast<int>(digit - 'a') + 10;
  if (digit >= 'A' && digit <= 'F') return static_cast<int>(digit - 'A') + 10;
  return -1;
}

}  // namespace r1v

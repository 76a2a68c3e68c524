// Numbers and quoted strings as the template language writes them.
#include "text/template_literal.h"

#include <charconv>
#include <cstdlib>

#include "base/error.h"
#include "text/unicode.h"

namespace r1v::jinja {
namespace {

bool is_digit(char c, int base) {
  if (base <= 10) return c >= '0' && c < '0' + base;
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Bytes of "12_345" at the front of `text`: digits with single underscores between them.
size_t digits_length(std::string_view text, int base) {
  size_t end = 0;
  while (end < text.size()) {
    if (is_digit(text[end], base)) {
      ++end;
    } else if (text[end] == '_' && end > 0 && end + 1 < text.size() && is_digit(text[end + 1], base)) {
      end += 2;
    } else {
      break;
    }
  }
  return end;
}

std::string without_underscores(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != '_') out += c;
  }
  return out;
}

// Length of a float at the front of `text`, 0 when there is none: 1.5, 1e9, 1.5e-3.
size_t real_length(std::string_view text) {
  const size_t whole = digits_length(text, 10);
  size_t end = whole;
  if (end < text.size() && text[end] == '.') {
    const size_t fraction = digits_length(text.substr(end + 1), 10);
    if (fraction > 0) end += 1 + fraction;
  }
  const size_t mantissa = end;
  if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
    size_t power = end + 1;
    if (power < text.size() && (text[power] == '+' || text[power] == '-')) ++power;
    const size_t exponent = digits_length(text.substr(power), 10);
    if (exponent > 0) return power + exponent;
  }
  return mantissa > whole ? mantissa : 0;
}

NumberLiteral integer_of(std::string_view digits, int base, size_t length) {
  NumberLiteral literal;
  literal.length = length;
  const std::string plain = without_underscores(digits);
  const auto result = std::from_chars(plain.data(), plain.data() + plain.size(), literal.integer, base);
  literal.too_large = result.ec != std::errc();
  return literal;
}

// Value of the hexadecimal digits at the front of `text`, up to `count`; false when there are fewer.
bool read_hex(std::string_view text, size_t count, char32_t& code) {
  if (text.size() < count) return false;
  uint32_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + count, value, 16);
  code = value;
  return result.ec == std::errc() && result.ptr == text.data() + count;
}

// One escape behind a backslash: appends what it stands for and gives the bytes it took, 0 when it is broken.
size_t unescape_one(std::string_view text, std::string& out) {
  static constexpr std::string_view kNames = "abfnrtv\\'\"";
  static constexpr std::string_view kCodes = "\a\b\f\n\r\t\v\\'\"";
  const char kind = text.front();
  if (const size_t named = kNames.find(kind); named != std::string_view::npos) {
    out += kCodes[named];
    return 1;
  }
  if (kind == '\n') return 1;  // a line that goes on
  if (kind >= '0' && kind <= '7') {
    size_t length = 0;
    char32_t code = 0;
    for (; length < 3 && length < text.size() && text[length] >= '0' && text[length] <= '7'; ++length) {
      code = code * 8 + static_cast<char32_t>(text[length] - '0');
    }
    append_utf8(code, out);
    return length;
  }
  if (kind == 'x' || kind == 'u' || kind == 'U') {
    const size_t count = kind == 'x' ? 2 : kind == 'u' ? 4 : 8;
    char32_t code = 0;
    const bool valid = read_hex(text.substr(1), count, code) && code < 0x110000 && !(code >= 0xD800 && code < 0xE000);
    if (valid) append_utf8(code, out);
    return valid ? count + 1 : 0;
  }
  if (kind == 'N') return 0;  // characters by name are not supported
  out += {'\\', kind};        // an unknown escape stays as it is
  return 1;
}

}  // namespace

NumberLiteral read_number(std::string_view text, bool integer_only) {
  if (const size_t length = integer_only ? 0 : real_length(text); length > 0) {
    NumberLiteral literal;
    literal.length = length;
    literal.is_real = true;
    literal.real = std::strtod(without_underscores(text.substr(0, length)).c_str(), nullptr);
    return literal;
  }
  if (text.size() > 2 && text[0] == '0') {
    const char kind = static_cast<char>(text[1] | 0x20);
    const int base = kind == 'b' ? 2 : kind == 'o' ? 8 : kind == 'x' ? 16 : 0;
    const bool underscore = text[2] == '_';
    const size_t length = base == 0 ? 0 : digits_length(text.substr(underscore ? 3 : 2), base);
    if (length > 0) return integer_of(text.substr(underscore ? 3 : 2, length), base, length + (underscore ? 3 : 2));
  }
  if (text[0] == '0') {  // zeros only: Jinja reads 012 as 0 and 12
    size_t length = 0;
    while (length < text.size() && (text[length] == '0' || text[length] == '_')) ++length;
    while (text[length - 1] == '_') --length;
    return integer_of("0", 10, length);
  }
  const size_t length = digits_length(text, 10);
  return integer_of(text.substr(0, length), 10, length);
}

std::string unescape(std::string_view text, std::string& error) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    if (text[at] != '\\') {
      out += text[at++];
      continue;
    }
    const size_t taken = at + 1 < text.size() ? unescape_one(text.substr(at + 1), out) : 0;
    if (taken == 0) {
      error = cat("a string holds a broken escape: ", printable(text.substr(at, 10)));
      return out;
    }
    at += 1 + taken;
  }
  return out;
}

}  // namespace r1v::jinja

// Characters: UTF-8 steps, the classes that pre-tokenisers ask for, and Unicode normal form C.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace r1v {

enum class CharClass : uint8_t { other, letter, number, space, newline };

/// One step through UTF-8. `invalid`: `length` bytes can never become a character (the longest prefix of one, at least
/// one byte: what one U+FFFD stands for, as in Python's errors="replace"). `truncated`: the text ends inside a
/// character.
struct Utf8Step {
  enum class Status : uint8_t { valid, invalid, truncated } status;
  uint8_t length;
  char32_t code;
};
Utf8Step utf8_step(const char* at, const char* end);

void append_utf8(char32_t code, std::string& out);

/// Replaces what is not UTF-8 by U+FFFD, as Python's bytes.decode("utf-8", "replace").
std::string replace_invalid_utf8(std::string_view bytes);

/// Class of every code point and whether it may change under NFC, one byte each in two levels.
class CharTable {
 public:
  CharTable();
  CharClass char_class(char32_t code) const { return static_cast<CharClass>(entry(code) & 7); }
  /// True for a code point that composes, decomposes or reorders; text without any is already in NFC.
  bool may_change(char32_t code) const { return (entry(code) & 8) != 0; }

 private:
  uint8_t entry(char32_t code) const { return pages_[page_of_[code >> 8] * 256u + (code & 255)]; }
  std::array<uint16_t, 0x1100> page_of_{};
  std::vector<uint8_t> pages_;
};
/// Built once, on first use.
const CharTable& char_table();

/// `\w` of a regular expression: letters, marks, digits, connectors.
bool is_word_character(char32_t code);

/// Simple case mappings of one code point (a letter whose mapping is a sequence stays as it is).
char32_t upper_case(char32_t code);
char32_t lower_case(char32_t code);
char32_t title_case(char32_t code);
bool is_upper_case(char32_t code);
bool is_lower_case(char32_t code);
/// Decimal digits of any script.
bool is_decimal_digit(char32_t code);
/// False for what Python's repr() escapes: control, format, surrogate, private-use and unassigned code points and
/// all separators but the space.
bool is_printable(char32_t code);

/// Whether nfc(text) could differ from `text` (valid UTF-8).
bool may_need_nfc(std::string_view text);
/// Normal form C of valid UTF-8.
std::string nfc(std::string_view text);

}  // namespace r1v

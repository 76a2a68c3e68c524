// Python's string operations on UTF-8: characters are code points (a byte that is not UTF-8 counts as one).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace r1v::jinja {

/// What str.isspace() and `\s` call white space.
bool is_space(char32_t code);
size_t count_characters(std::string_view text);
/// One view a character.
std::vector<std::string_view> characters(std::string_view text);
/// Where character `index` starts; text.size() beyond the end.
size_t byte_offset(std::string_view text, size_t index);

enum class Side { left, right, both };
/// str.strip, lstrip, rstrip: white space, or any of the characters of `set`.
std::string_view strip(std::string_view text, Side side, std::optional<std::string_view> set = std::nullopt);

/// str.split() at runs of white space; at most `limit` cuts when it is not negative, from the right end if asked.
std::vector<std::string_view> split_space(std::string_view text, int64_t limit, bool from_right);
/// str.split(separator); `separator` must not be empty.
std::vector<std::string_view> split_at(std::string_view text, std::string_view separator, int64_t limit,
                                       bool from_right);
std::vector<std::string_view> split_lines(std::string_view text, bool keep_ends);

/// str.replace; all occurrences when `limit` is negative.
std::string replace(std::string_view text, std::string_view old, std::string_view with, int64_t limit);

enum class LetterCase { lower, upper, capitalize, title, swap };
std::string change_case(std::string_view text, LetterCase target);

/// str.isalpha() and its kin: whether the text is not empty and every character belongs to the class.
enum class TextClass { alpha, alnum, digit, space, lower, upper };
bool is_all(std::string_view text, TextClass wanted);

/// &, <, >, " and ' as HTML entities (markupsafe's spelling).
std::string escape_html(std::string_view text);

}  // namespace r1v::jinja

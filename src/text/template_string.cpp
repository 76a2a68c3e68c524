// Python's string operations on UTF-8.
#include "text/template_string.h"

#include <algorithm>

#include "text/unicode.h"

namespace r1v::jinja {
namespace {

struct Character {
  char32_t code;
  size_t length;
};

// The character at `at`; a byte that starts none is a character of its own outside Unicode.
Character character_at(std::string_view text, size_t at) {
  const Utf8Step step = utf8_step(text.data() + at, text.data() + text.size());
  if (step.status == Utf8Step::Status::valid) return {step.code, step.length};
  return {0x110000u + static_cast<unsigned char>(text[at]), 1};
}

// The last character before `end`.
Character character_before(std::string_view text, size_t end) {
  size_t start = end - 1;
  while (start > 0 && end - start < 4 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
  const Character character = character_at(text.substr(0, end), start);
  if (character.length == end - start) return character;
  return {0x110000u + static_cast<unsigned char>(text[end - 1]), 1};
}

void append_code(char32_t code, std::string& out) {
  if (code >= 0x110000u) {
    out += static_cast<char>(code - 0x110000u);
  } else {
    append_utf8(code, out);
  }
}

bool is_letter(char32_t code) { return code < 0x110000u && char_table().char_class(code) == CharClass::letter; }

bool is_line_end(char32_t code) {
  return (code >= 0x0A && code <= 0x0D) || (code >= 0x1C && code <= 0x1E) || code == 0x85 || code == 0x2028 ||
         code == 0x2029;
}

template <typename Predicate>
bool every_character(std::string_view text, Predicate predicate) {
  for (size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    if (!predicate(character.code)) return false;
    at += character.length;
  }
  return !text.empty();
}

// str.islower() and str.isupper(): at least one letter with case, and none of the other case.
bool has_only_case(std::string_view text, bool upper) {
  bool found = false;
  for (size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    at += character.length;
    if (character.code >= 0x110000u) continue;
    if (is_upper_case(character.code)) {
      if (!upper) return false;
      found = true;
    } else if (is_lower_case(character.code)) {
      if (upper) return false;
      found = true;
    }
  }
  return found;
}

std::vector<std::string_view> split_space_from_right(std::string_view text, int64_t limit) {
  std::vector<std::string_view> parts;
  std::string_view rest = strip(text, Side::right);
  while (!rest.empty() && limit != 0) {
    size_t start = rest.size();
    while (start > 0 && !is_space(character_before(rest, start).code)) start -= character_before(rest, start).length;
    parts.push_back(rest.substr(start));
    rest = strip(rest.substr(0, start), Side::right);
    --limit;
  }
  if (!rest.empty()) parts.push_back(rest);
  std::ranges::reverse(parts);
  return parts;
}

}  // namespace

bool is_space(char32_t code) {
  return (code >= 0x09 && code <= 0x0D) || (code >= 0x1C && code <= 0x20) || code == 0x85 || code == 0xA0 ||
         code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 || code == 0x202F ||
         code == 0x205F || code == 0x3000;
}

size_t count_characters(std::string_view text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size(); ++count) at += character_at(text, at).length;
  return count;
}

std::vector<std::string_view> characters(std::string_view text) {
  std::vector<std::string_view> list;
  for (size_t at = 0; at < text.size(); at += list.back().size()) {
    list.push_back(text.substr(at, character_at(text, at).length));
  }
  return list;
}

size_t byte_offset(std::string_view text, size_t index) {
  size_t at = 0;
  for (; index > 0 && at < text.size(); --index) at += character_at(text, at).length;
  return at;
}

std::string_view strip(std::string_view text, Side side, std::optional<std::string_view> set) {
  const auto unwanted = [&](std::string_view piece, char32_t code) {
    return set ? set->find(piece) != std::string_view::npos : is_space(code);
  };
  while (side != Side::right && !text.empty()) {
    const Character first = character_at(text, 0);
    if (!unwanted(text.substr(0, first.length), first.code)) break;
    text.remove_prefix(first.length);
  }
  while (side != Side::left && !text.empty()) {
    const Character last = character_before(text, text.size());
    if (!unwanted(text.substr(text.size() - last.length), last.code)) break;
    text.remove_suffix(last.length);
  }
  return text;
}

std::vector<std::string_view> split_space(std::string_view text, int64_t limit, bool from_right) {
  if (from_right) return split_space_from_right(text, limit);
  std::vector<std::string_view> parts;
  std::string_view rest = strip(text, Side::left);
  while (!rest.empty() && limit != 0) {
    size_t end = 0;
    while (end < rest.size() && !is_space(character_at(rest, end).code)) end += character_at(rest, end).length;
    parts.push_back(rest.substr(0, end));
    rest = strip(rest.substr(end), Side::left);
    --limit;
  }
  if (!rest.empty()) parts.push_back(rest);  // the rest keeps its white space at the end, as in Python
  return parts;
}

std::vector<std::string_view> split_at(std::string_view text, std::string_view separator, int64_t limit,
                                       bool from_right) {
  std::vector<std::string_view> parts;
  for (; limit != 0; --limit) {
    const size_t at = from_right ? text.rfind(separator) : text.find(separator);
    if (at == std::string_view::npos) break;
    parts.push_back(from_right ? text.substr(at + separator.size()) : text.substr(0, at));
    text = from_right ? text.substr(0, at) : text.substr(at + separator.size());
  }
  parts.push_back(text);
  if (from_right) std::ranges::reverse(parts);
  return parts;
}

std::vector<std::string_view> split_lines(std::string_view text, bool keep_ends) {
  std::vector<std::string_view> lines;
  size_t start = 0;
  for (size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    size_t next = at + character.length;
    if (is_line_end(character.code)) {
      if (character.code == '\r' && next < text.size() && text[next] == '\n') ++next;
      lines.push_back(text.substr(start, (keep_ends ? next : at) - start));
      start = next;
    }
    at = next;
  }
  if (start < text.size()) lines.push_back(text.substr(start));
  return lines;
}

std::string replace(std::string_view text, std::string_view old, std::string_view with, int64_t limit) {
  std::string out;
  size_t at = 0;
  if (old.empty()) {  // Python puts the new text in front of every character and at the end
    for (; limit != 0; --limit) {
      out += with;
      if (at >= text.size()) return out;
      const size_t length = character_at(text, at).length;
      out += text.substr(at, length);
      at += length;
    }
    return out.append(text.substr(at));
  }
  for (; limit != 0; --limit) {
    const size_t found = text.find(old, at);
    if (found == std::string_view::npos) break;
    out.append(text.substr(at, found - at)).append(with);
    at = found + old.size();
  }
  return out.append(text.substr(at));
}

std::string change_case(std::string_view text, LetterCase target) {
  std::string out;
  bool after_letter = false;  // title: inside a word; capitalize: behind the first character
  for (size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    const char32_t code = character.code;
    at += character.length;
    const bool known = code < 0x110000u;
    const bool make_upper = target == LetterCase::upper || (target == LetterCase::swap && known && is_lower_case(code));
    const bool make_title = !after_letter && (target == LetterCase::capitalize || target == LetterCase::title);
    if (!known) {
      append_code(code, out);
    } else if ((make_upper || make_title) && code == 0xDF) {  // sharp s has no capital of its own
      out += make_upper ? "SS" : "Ss";
    } else {
      const bool keep = target == LetterCase::swap && !make_upper && !is_upper_case(code);
      append_code(keep ? code : make_upper ? upper_case(code) : make_title ? title_case(code) : lower_case(code), out);
    }
    after_letter = target == LetterCase::capitalize || (known && (is_upper_case(code) || is_lower_case(code)));
  }
  return out;
}

bool is_all(std::string_view text, TextClass wanted) {
  switch (wanted) {
    case TextClass::alpha:
      return every_character(text, is_letter);
    case TextClass::alnum:
      return every_character(text, [](char32_t code) {
        return is_letter(code) || (code < 0x110000u && char_table().char_class(code) == CharClass::number);
      });
    case TextClass::digit:
      return every_character(text, [](char32_t code) { return code < 0x110000u && is_decimal_digit(code); });
    case TextClass::space:
      return every_character(text, is_space);
    default:
      return has_only_case(text, wanted == TextClass::upper);
  }
}

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace r1v::jinja

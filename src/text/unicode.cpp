// The only file that includes utf8proc (Unicode 15.0 in Debian 12).
#include "text/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <map>

#include "base/error.h"

namespace r1v {
namespace {

struct Range {
  char32_t first, last;
};

// Letters and numbers of Unicode 15.1 and 16.0 that utf8proc 2.8 calls unassigned. The reference tokeniser (Hugging
// Face tokenizers 0.23, Oniguruma 6.9.10) knows them; tests/golden/make_tokenizer.py compares every code point.
constexpr Range kNewLetters[] = {{0x1C89, 0x1C8A},   {0xA7CB, 0xA7CD},   {0xA7DA, 0xA7DC},   {0x105C0, 0x105F3},
                                 {0x10D4A, 0x10D65}, {0x10D6F, 0x10D85}, {0x10EC2, 0x10EC4}, {0x11380, 0x11389},
                                 {0x1138B, 0x1138B}, {0x1138E, 0x1138E}, {0x11390, 0x113B5}, {0x113B7, 0x113B7},
                                 {0x113D1, 0x113D1}, {0x113D3, 0x113D3}, {0x11BC0, 0x11BE0}, {0x13460, 0x143FA},
                                 {0x16100, 0x1611D}, {0x16D40, 0x16D6C}, {0x18CFF, 0x18CFF}, {0x1E5D0, 0x1E5ED},
                                 {0x1E5F0, 0x1E5F0}, {0x2EBF0, 0x2EE5D}};
constexpr Range kNewNumbers[] = {{0x10D40, 0x10D49}, {0x116D0, 0x116E3}, {0x11BF0, 0x11BF9}, {0x16130, 0x16139},
                                 {0x16D70, 0x16D79}, {0x1CCF0, 0x1CCF9}, {0x1E5F1, 0x1E5FA}};

// Characters since Unicode 10.0 that reorder or compose. The reference normalises by the tables of Unicode 9.0, in
// which they stand still and nothing moves across them; ids must agree with it.
constexpr Range kUnmoved[] = {
    {0x07FD, 0x07FD},   {0x0898, 0x089F},   {0x08CA, 0x08D3},   {0x09FE, 0x09FE},   {0x0C3C, 0x0C3C},
    {0x0D3B, 0x0D3C},   {0x0EBA, 0x0EBA},   {0x1715, 0x1715},   {0x1ABF, 0x1ACE},   {0x1DF6, 0x1DFA},
    {0xA82C, 0xA82C},   {0x10D24, 0x10D27}, {0x10EAB, 0x10EAC}, {0x10EFD, 0x10EFF}, {0x10F46, 0x10F50},
    {0x10F82, 0x10F85}, {0x11070, 0x11070}, {0x1133B, 0x1133B}, {0x1145E, 0x1145E}, {0x11839, 0x1183A},
    {0x11930, 0x11930}, {0x11938, 0x11938}, {0x1193D, 0x1193E}, {0x11943, 0x11943}, {0x119E0, 0x119E0},
    {0x11A34, 0x11A34}, {0x11A47, 0x11A47}, {0x11A99, 0x11A99}, {0x11D42, 0x11D42}, {0x11D44, 0x11D45},
    {0x11D97, 0x11D97}, {0x11F41, 0x11F42}, {0x16FF0, 0x16FF1}, {0x1E08F, 0x1E08F}, {0x1E130, 0x1E136},
    {0x1E2AE, 0x1E2AE}, {0x1E2EC, 0x1E2EF}, {0x1E4EC, 0x1E4EF}};

bool is_unmoved(utf8proc_int32_t code) {
  if (code < 0x7FD) return false;
  const auto range = std::upper_bound(std::begin(kUnmoved), std::end(kUnmoved), static_cast<char32_t>(code),
                                      [](char32_t value, const Range& entry) { return value < entry.first; });
  return range != std::begin(kUnmoved) && static_cast<char32_t>(code) <= (range - 1)->last;
}

CharClass class_of(char32_t code) {
  if (code == '\r' || code == '\n') return CharClass::newline;
  if ((code >= 9 && code <= 13) || code == 0x85) return CharClass::space;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(code))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
      return CharClass::letter;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return CharClass::number;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return CharClass::space;
    default:
      return CharClass::other;
  }
}

constexpr auto kDecompose = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE);
constexpr auto kCompose = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
using Codes = std::vector<utf8proc_int32_t>;

int combining_class(utf8proc_int32_t code) {
  return is_unmoved(code) ? 0 : utf8proc_get_property(code)->combining_class;
}

bool has_decomposition(utf8proc_int32_t code) {
  if (code < 0xC0 || is_unmoved(code)) return false;
  const utf8proc_property_t* property = utf8proc_get_property(code);
  return (code >= 0xAC00 && code <= 0xD7A3) ||  // Hangul syllables, by arithmetic
         (property->decomp_seqindex != UINT16_MAX && property->decomp_type == 0);
}

// Appends the canonical decomposition of one code point.
void decompose(utf8proc_int32_t code, Codes& out) {
  if (!has_decomposition(code)) {
    out.push_back(code);
    return;
  }
  utf8proc_int32_t parts[16];
  int boundary = UTF8PROC_BOUNDCLASS_START;
  const auto count = utf8proc_decompose_char(code, parts, 16, kDecompose, &boundary);
  R1V_CHECK(count > 0 && count <= 16, "utf8proc_decompose_char gave ", count, " for code point ", code);
  out.insert(out.end(), parts, parts + count);
}

void compose(Codes& codes) {
  auto out = codes.begin();
  for (auto first = codes.begin(); first != codes.end();) {
    if (is_unmoved(*first)) {
      *out++ = *first++;
      continue;
    }
    const auto last = std::find_if(first, codes.end(), is_unmoved);
    const auto count = utf8proc_normalize_utf32(&*first, last - first, kCompose);
    R1V_CHECK(count >= 0, "utf8proc_normalize_utf32 gave ", count);
    out = std::copy(first, first + count, out);
    first = last;
  }
  codes.erase(out, codes.end());
}

// Marks that reorder (nonzero class), what is not NFC by itself, and whatever can be the later part of a composition.
void mark_changing(std::vector<uint8_t>& entries) {
  Codes parts;
  for (utf8proc_int32_t code = 0; code < 0x110000; ++code) {
    if (combining_class(code) != 0) entries[static_cast<size_t>(code)] |= 8;
    if (!has_decomposition(code)) continue;
    parts.clear();
    decompose(code, parts);
    for (size_t i = 1; i < parts.size(); ++i) entries[static_cast<size_t>(parts[i])] |= 8;
    compose(parts);
    if (parts != Codes{code}) entries[static_cast<size_t>(code)] |= 8;
  }
}

}  // namespace

Utf8Step utf8_step(const char* at, const char* end) {
  using Status = Utf8Step::Status;
  const auto* bytes = reinterpret_cast<const unsigned char*>(at);
  const unsigned first = bytes[0];
  if (first < 0x80) return {Status::valid, 1, first};
  const int length = first >= 0xC2 && first < 0xE0   ? 2
                     : first >= 0xE0 && first < 0xF0 ? 3
                     : first >= 0xF0 && first < 0xF5 ? 4
                                                     : 0;
  if (length == 0) return {Status::invalid, 1, 0};
  char32_t code = first & (0xFF >> (length + 1));
  for (int i = 1; i < length; ++i) {
    if (at + i == end) return {Status::truncated, static_cast<uint8_t>(i), 0};
    // Overlong forms, surrogates and code points beyond U+10FFFF show in the second byte.
    const unsigned low = i > 1 ? 0x80 : first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = i > 1 ? 0xBF : first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (bytes[i] < low || bytes[i] > high) return {Status::invalid, static_cast<uint8_t>(i), 0};
    code = (code << 6) | (bytes[i] & 0x3F);
  }
  return {Status::valid, static_cast<uint8_t>(length), code};
}

void append_utf8(char32_t code, std::string& out) {
  utf8proc_uint8_t buffer[4];
  const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code), buffer);
  out.append(reinterpret_cast<const char*>(buffer), static_cast<size_t>(length));
}

std::string replace_invalid_utf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  const char* end = bytes.data() + bytes.size();
  for (const char* at = bytes.data(); at < end;) {
    const Utf8Step step = utf8_step(at, end);
    if (step.status == Utf8Step::Status::valid) {
      out.append(at, step.length);
    } else {
      out += "\xEF\xBF\xBD";
    }
    at += step.length;
  }
  return out;
}

CharTable::CharTable() {
  std::vector<uint8_t> entries(0x110000);
  for (char32_t code = 0; code < 0x110000; ++code) entries[code] = static_cast<uint8_t>(class_of(code));
  const auto fill = [&](const auto& ranges, CharClass value) {
    for (const Range& range : ranges) {
      for (char32_t code = range.first; code <= range.last; ++code) entries[code] = static_cast<uint8_t>(value);
    }
  };
  fill(kNewLetters, CharClass::letter);
  fill(kNewNumbers, CharClass::number);
  mark_changing(entries);
  std::map<std::string_view, uint16_t> seen;  // equal pages are kept once
  for (size_t page = 0; page < page_of_.size(); ++page) {
    const std::string_view bytes(reinterpret_cast<const char*>(entries.data()) + page * 256, 256);
    const auto [place, is_new] = seen.emplace(bytes, static_cast<uint16_t>(seen.size()));
    if (is_new) pages_.insert(pages_.end(), bytes.begin(), bytes.end());
    page_of_[page] = place->second;
  }
}

const CharTable& char_table() {
  static const CharTable table;
  return table;
}

bool is_word_character(char32_t code) {
  const CharClass kind = char_table().char_class(code);
  if (kind == CharClass::letter) return true;
  if (code == 0x200C || code == 0x200D) return true;
  // Circled and squared Latin letters are symbols that count as alphabetic.
  if ((code >= 0x24B6 && code <= 0x24E9) || (code >= 0x1F130 && code <= 0x1F149) ||
      (code >= 0x1F150 && code <= 0x1F169) || (code >= 0x1F170 && code <= 0x1F189)) {
    return true;
  }
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(code));
  return category == UTF8PROC_CATEGORY_ND || category == UTF8PROC_CATEGORY_NL || category == UTF8PROC_CATEGORY_PC ||
         category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC || category == UTF8PROC_CATEGORY_ME;
}

char32_t upper_case(char32_t code) {
  return static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(code)));
}

char32_t lower_case(char32_t code) {
  return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(code)));
}

char32_t title_case(char32_t code) {
  return static_cast<char32_t>(utf8proc_totitle(static_cast<utf8proc_int32_t>(code)));
}

bool is_upper_case(char32_t code) { return utf8proc_isupper(static_cast<utf8proc_int32_t>(code)) != 0; }

bool is_lower_case(char32_t code) { return utf8proc_islower(static_cast<utf8proc_int32_t>(code)) != 0; }

bool is_decimal_digit(char32_t code) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(code)) == UTF8PROC_CATEGORY_ND;
}

bool is_printable(char32_t code) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(code))) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return false;
    case UTF8PROC_CATEGORY_ZS:
      return code == ' ';
    default:
      return true;
  }
}

bool may_need_nfc(std::string_view text) {
  const CharTable& table = char_table();
  const char* end = text.data() + text.size();
  for (const char* at = text.data(); at < end;) {
    if (static_cast<unsigned char>(*at) < 0xCC) {  // below U+0300 nothing composes or reorders
      at += static_cast<unsigned char>(*at) < 0x80 ? 1 : 2;
      continue;
    }
    const Utf8Step step = utf8_step(at, end);
    if (table.may_change(step.code)) return true;
    at += step.length;
  }
  return false;
}

// utf8proc's own decomposition sorts marks by repeated swaps, quadratic in the length of a run of marks; so only its
// per-character decomposition and its composition are used.
std::string nfc(std::string_view text) {
  Codes codes;
  codes.reserve(text.size());
  const char* end = text.data() + text.size();
  for (const char* at = text.data(); at < end;) {
    const Utf8Step step = utf8_step(at, end);
    R1V_CHECK(step.status == Utf8Step::Status::valid, "nfc needs valid UTF-8");
    decompose(static_cast<utf8proc_int32_t>(step.code), codes);
    at += step.length;
  }
  const auto is_mark = [](auto code) { return code >= 0x300 && combining_class(code) != 0; };
  for (auto first = codes.begin(); first != codes.end();) {
    first = std::find_if(first, codes.end(), is_mark);
    const auto last = std::find_if_not(first, codes.end(), is_mark);
    std::stable_sort(first, last, [](auto a, auto b) { return combining_class(a) < combining_class(b); });
    first = last;
  }
  compose(codes);
  std::string out;
  out.reserve(text.size());
  for (const auto code : codes) append_utf8(static_cast<char32_t>(code), out);
  return out;
}

}  // namespace r1v

// Escapes and bracketed classes of ECMA-262; \d \w \s mean there what they mean in JavaScript, so \d is 0-9 alone.
#include "constrain/pattern_escape.h"

#include "base/error.h"
#include "text/unicode.h"

namespace r1v {
namespace {

CodePoints digits() { return {'0', '9'}; }

CodePoints word_characters() { return CodePoints({{'0', '9'}, {'A', 'Z'}, {'a', 'z'}, {'_', '_'}}); }

// ECMA-262 WhiteSpace and LineTerminator.
CodePoints spaces() {
  return CodePoints({{0x09, 0x0D},
                     {0x20, 0x20},
                     {0xA0, 0xA0},
                     {0x1680, 0x1680},
                     {0x2000, 0x200A},
                     {0x2028, 0x2029},
                     {0x202F, 0x202F},
                     {0x205F, 0x205F},
                     {0x3000, 0x3000},
                     {0xFEFF, 0xFEFF}});
}

int hex_value(char32_t digit) {
  if (digit >= '0' && digit <= '9') return static_cast<int>(digit - '0');
  if (digit >= 'a' && digit <= 'f') return static_cast<int>(digit - 'a') + 10;
  if (digit >= 'A' && digit <= 'F') return static_cast<int>(digit - 'A') + 10;
  return -1;
}

char32_t hex_digits(PatternCursor& cursor, int count) {
  char32_t code = 0;
  for (int i = 0; i < count; ++i) {
    const int value = hex_value(cursor.peek());
    if (value < 0) cursor.fail(cat("a hexadecimal escape needs ", count, " digits"));
    code = code * 16 + static_cast<char32_t>(value);
    cursor.skip(1);
  }
  return code;
}

char32_t braced_code_point(PatternCursor& cursor) {
  char32_t code = 0;
  int count = 0;
  while (hex_value(cursor.peek()) >= 0 && count < 6) {
    code = code * 16 + static_cast<char32_t>(hex_value(cursor.take()));
    ++count;
  }
  if (count == 0 || !cursor.take_if('}')) cursor.fail("\\u{...} needs one to six hexadecimal digits");
  return code;
}

bool is_surrogate(char32_t code) { return code >= 0xD800 && code <= 0xDFFF; }

// After "\u": four digits, a pair of surrogates, or {...}.
char32_t unicode_escape(PatternCursor& cursor) {
  char32_t code = cursor.take_if('{') ? braced_code_point(cursor) : hex_digits(cursor, 4);
  if (code >= 0xD800 && code <= 0xDBFF && cursor.looking_at(U"\\u")) {
    cursor.skip(2);
    const char32_t low = hex_digits(cursor, 4);
    if (low < 0xDC00 || low > 0xDFFF) cursor.fail("a high surrogate needs a low one after it");
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  if (is_surrogate(code) || code > CodePoints::kLast) cursor.fail("this escape is no character");
  return code;
}

// Letters that stand for one control character; 0 for any other.
char32_t control_escape(char32_t letter) {
  switch (letter) {
    case 't':
      return '\t';
    case 'n':
      return '\n';
    case 'v':
      return '\v';
    case 'f':
      return '\f';
    case 'r':
      return '\r';
    default:
      return 0;
  }
}

bool class_escape(char32_t letter, CodePoints& set) {
  const char32_t lower = letter | 0x20;
  if (lower == 'd') {
    set = digits();
  } else if (lower == 'w') {
    set = word_characters();
  } else if (lower == 's') {
    set = spaces();
  } else {
    return false;
  }
  if (letter != lower) set = set.complement();
  return true;
}

char32_t one_of(const CodePoints& set) { return set.ranges().front().first; }
bool is_one(const CodePoints& set) { return set.ranges().size() == 1 && set.ranges()[0].first == set.ranges()[0].last; }

CodePoints class_atom(PatternCursor& cursor) {
  if (cursor.at_end()) cursor.fail("a class is not closed; write ]");
  const char32_t code = cursor.take();
  if (code == '\\') return pattern_escape(cursor, true);
  return {code, code};
}

}  // namespace

PatternCursor::PatternCursor(std::string_view pattern, const Budget& budget) : pattern_(pattern), budget_(budget) {
  for (const char* at = pattern.data(); at != pattern.data() + pattern.size();) {
    const Utf8Step step = utf8_step(at, pattern.data() + pattern.size());
    if (step.status != Utf8Step::Status::valid) fail("it is not valid UTF-8");
    text_ += step.code;
    at += step.length;
  }
}

char32_t PatternCursor::take() {
  if (at_end()) fail("it ends too early");
  return text_[at_++];
}

bool PatternCursor::take_if(char32_t wanted) {
  if (at_end() || text_[at_] != wanted) return false;
  ++at_;
  return true;
}

void PatternCursor::fail(const std::string& what) const {
  throw InputError(cat("JSON schema at ", budget_.pointer(), ": pattern \"", printable(pattern_),
                       "\" is refused at character ", at_, ": ", what));
}

CodePoints pattern_escape(PatternCursor& cursor, bool in_class) {
  if (cursor.at_end()) cursor.fail("a lone \\ at the end; write \\\\");
  const char32_t letter = cursor.take();
  CodePoints set;
  if (class_escape(letter, set)) return set;
  if (const char32_t control = control_escape(letter)) return {control, control};
  if (letter == 'x' || letter == 'u') {
    const char32_t code = letter == 'x' ? hex_digits(cursor, 2) : unicode_escape(cursor);
    return {code, code};
  }
  if (letter == '0' && !(cursor.peek() >= '0' && cursor.peek() <= '9')) return {0, 0};
  if (letter >= '0' && letter <= '9') cursor.fail("back-references are not supported; repeat what the group says");
  if (letter == 'b' && in_class) return {8, 8};
  if (letter == 'b' || letter == 'B')
    cursor.fail("word boundaries are not supported; write the characters around them");
  if (letter == 'p' || letter == 'P') cursor.fail("\\p{...} is not supported; write ranges such as [A-Za-z]");
  if (letter == 'k') cursor.fail("back-references are not supported; repeat what the group says");
  if (letter == 'c') {
    const char32_t named = cursor.take() | 0x20;
    if (named < 'a' || named > 'z') cursor.fail("\\c needs a letter");
    return {named & 31, named & 31};
  }
  if (letter >= 0x80 || (letter | 0x20) - 'a' < 26 || letter < 0x20) cursor.fail("this escape is not known");
  return {letter, letter};
}

CodePoints pattern_class(PatternCursor& cursor, Budget& budget) {
  const bool is_negated = cursor.take_if('^');
  if (cursor.peek() == ']') cursor.fail("an empty class; write \\] for the character");
  std::vector<CodePointRange> ranges;
  while (!cursor.take_if(']')) {
    const CodePoints first = class_atom(cursor);
    budget.spend(1);
    if (cursor.peek() != '-' || cursor.peek(1) == ']') {
      ranges.insert(ranges.end(), first.ranges().begin(), first.ranges().end());
      continue;
    }
    cursor.skip(1);
    const CodePoints last = class_atom(cursor);
    if (!is_one(first) || !is_one(last))
      cursor.fail("a range needs one character on either side; write \\- for a dash");
    if (one_of(first) > one_of(last)) cursor.fail("a range that ends before it begins");
    ranges.push_back({one_of(first), one_of(last)});
  }
  const CodePoints set(ranges);
  return is_negated ? set.complement() : set;
}

}  // namespace r1v

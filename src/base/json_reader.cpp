// One position in the text and a strict grammar.
#include "base/json_reader.h"

#include <charconv>

#include "base/error.h"
#include "base/utf8.h"

namespace r1v {
namespace {

constexpr int kMaxDepth = 128;

void append_utf8(uint32_t code, std::string& out) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((code >> shift) & 0x3F)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    tail(6), tail(0);
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    tail(12), tail(6), tail(0);
  }
}

}  // namespace

JsonReader::JsonReader(std::string_view text, std::string where) : text_(text), where_(std::move(where)) {}

void JsonReader::fail(const std::string& expected) const {
  const std::string found = at_ < text_.size() ? cat("\"", printable(text_.substr(at_, 20), 40), "\"") : "the end";
  throw InputError(cat(where_, ": not valid JSON: found ", found, " at byte ", at_, ", expected ", expected));
}

void JsonReader::skip_space() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
    ++at_;
  }
}

void JsonReader::expect(char wanted, const char* name) {
  skip_space();
  if (at_ >= text_.size() || text_[at_] != wanted) fail(name);
  ++at_;
}

char JsonReader::peek() {
  skip_space();
  if (at_ >= text_.size()) fail("a value");
  return text_[at_];
}

void JsonReader::enter_object() {
  expect('{', "an object");
  fresh_ = true;
}

void JsonReader::enter_array() {
  expect('[', "a list");
  fresh_ = true;
}

bool JsonReader::next_key(std::string_view& key) {
  if (peek() == '}') {
    ++at_;
    fresh_ = false;
    return false;
  }
  if (!fresh_) expect(',', "',' or '}'");
  fresh_ = false;
  key = read_string(key_scratch_);
  expect(':', "':'");
  return true;
}

bool JsonReader::next_element() {
  if (peek() == ']') {
    ++at_;
    fresh_ = false;
    return false;
  }
  if (!fresh_) expect(',', "',' or ']'");
  fresh_ = false;
  return true;
}

std::string_view JsonReader::string() { return read_string(value_scratch_); }

std::string_view JsonReader::read_string(std::string& scratch) {
  expect('"', "a string");
  const size_t begin = at_;
  unsigned char seen = 0;
  while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
         static_cast<unsigned char>(text_[at_]) >= 32) {
    seen |= static_cast<unsigned char>(text_[at_++]);
  }
  std::string_view result = text_.substr(begin, at_ - begin);
  if (at_ < text_.size() && text_[at_] == '\\') {
    scratch.assign(result);
    unescape(scratch);
    result = scratch;
    seen = 0x80;
  }
  if (at_ >= text_.size() || text_[at_] != '"') fail("the end of a string");
  ++at_;
  if ((seen & 0x80) != 0 && !is_utf8(result)) {
    throw InputError(cat(where_, ": a string that ends at byte ", at_, " is not valid UTF-8"));
  }
  return result;
}

// Copies up to the closing quote, escapes decoded.
void JsonReader::unescape(std::string& out) {
  static constexpr std::string_view kNames = "\"\\/bfnrt";
  static constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
  while (at_ < text_.size() && text_[at_] != '"' && static_cast<unsigned char>(text_[at_]) >= 32) {
    if (text_[at_] != '\\') {
      out += text_[at_++];
      continue;
    }
    ++at_;
    const char name = at_ < text_.size() ? text_[at_] : '\0';
    if (name == 'u') {
      ++at_;
      uint32_t code = hex4();
      if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_, 2) == "\\u") {
        at_ += 2;
        const uint32_t low = hex4();
        if (low < 0xDC00 || low > 0xDFFF) fail("the second half of a surrogate pair");
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      }
      append_utf8(code, out);  // a lone surrogate is refused by the caller's UTF-8 check
      continue;
    }
    const size_t which = kNames.find(name);
    if (name == '\0' || which == std::string_view::npos) fail("an escape");
    out += kValues[which];
    ++at_;
  }
}

uint32_t JsonReader::hex4() {
  uint32_t code = 0;
  const std::string_view digits = text_.substr(at_, 4);
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
  if (digits.size() != 4 || result.ptr != digits.data() + 4) fail("four hexadecimal digits");
  at_ += 4;
  return code;
}

int64_t JsonReader::integer() {
  skip_space();
  int64_t value = 0;
  const auto result = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
  if (result.ec != std::errc()) fail("an integer");
  const size_t stop = static_cast<size_t>(result.ptr - text_.data());
  const char after = stop < text_.size() ? text_[stop] : '\0';
  const std::string_view digits = text_.substr(at_, stop - at_).substr(text_[at_] == '-' ? 1 : 0);
  const bool has_leading_zero = digits.size() > 1 && digits[0] == '0';  // from_chars takes it, JSON does not
  if (after == '.' || after == 'e' || after == 'E' || has_leading_zero) fail("an integer");
  at_ = stop;
  return value;
}

void JsonReader::skip_string() {
  for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
    if (text_[at_] == '\\') ++at_;
  }
  if (at_ >= text_.size()) fail("the end of a string");
  ++at_;
}

std::string_view JsonReader::raw() {
  peek();
  const size_t begin = at_;
  int depth = 0;
  do {
    const char c = peek();
    if (c == '"') {
      skip_string();
      continue;
    }
    if (c == '{' || c == '[') {
      if (++depth > kMaxDepth) fail(cat("at most ", kMaxDepth, " nested levels"));
    } else if (c == '}' || c == ']') {
      --depth;
    }
    ++at_;
  } while (depth > 0);
  // A bare number or word goes on to the next delimiter; a wrong one is found when the slice is parsed.
  const char first = text_[begin];
  while (first != '{' && first != '[' && first != '"' && at_ < text_.size() &&
         std::string_view(",]} \n\r\t").find(text_[at_]) == std::string_view::npos) {
    ++at_;
  }
  return text_.substr(begin, at_ - begin);
}

void JsonReader::end() {
  skip_space();
  if (at_ != text_.size()) fail("the end of the document");
}

}  // namespace r1v

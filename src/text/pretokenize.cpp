// The stages of a pre-tokenizer and the hand-written forms of the two common patterns.
#include "text/pretokenize.h"

#include <cctype>

#include "base/error.h"
#include "text/unicode.h"

namespace r1v {

const std::string_view kQwen2Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
const std::string_view kGpt2Pattern = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

namespace {

// Walks over the characters of one text. A position at the end has the class `none`, which no run contains.
class Walker {
 public:
  static constexpr CharClass none = static_cast<CharClass>(7);
  explicit Walker(std::string_view text) : end_(text.data() + text.size()) {
    for (unsigned char c = 0; c < 128; ++c) ascii_[c] = table_.char_class(c);
  }
  const char* end() const { return end_; }

  /// Class of the character at `at`; `next` is set behind it.
  CharClass look(const char* at, const char*& next) const {
    if (at == end_) return next = at, none;
    const auto first = static_cast<unsigned char>(*at);
    if (first < 128) return next = at + 1, ascii_[first];
    const Utf8Step step = utf8_step(at, end_);
    next = at + step.length;
    return table_.char_class(step.code);
  }
  /// Behind the longest run of `wanted` that starts at `at`.
  const char* skip(const char* at, CharClass wanted) const {
    const char* next;
    while (look(at, next) == wanted) at = next;
    return at;
  }

 private:
  const CharTable& table_ = char_table();
  const char* end_;
  CharClass ascii_[128];
};

bool is_space(CharClass kind) { return kind == CharClass::space || kind == CharClass::newline; }

// Length of 's 't 'm 'd 're 've 'll at an apostrophe, 0 when none is there.
size_t contraction(const char* at, const char* end, bool ignore_case) {
  const auto letter = [&](size_t i) -> char {
    if (at + i >= end) return '\0';
    return ignore_case && at[i] >= 'A' && at[i] <= 'Z' ? static_cast<char>(at[i] + 32) : at[i];
  };
  const char first = letter(1);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return 2;
  if ((first == 'r' || first == 'v') && letter(2) == 'e') return 3;
  if (first == 'l' && letter(2) == 'l') return 3;
  if (ignore_case && first == '\xC5' && letter(2) == '\xBF') return 3;  // U+017F long s folds to s
  return 0;
}

// `\s+(?!\S)|\s+`: a run of white space leaves its last character to the word behind it, if there is one.
// `newlines`: `\s*[\r\n]+` is tried first, which ends behind the run's last line break.
const char* white_space(const Walker& walker, const char* at, bool newlines) {
  const char* last = at;         // start of the run's last character
  const char* behind = nullptr;  // behind its last line break
  const char* next;
  const char* run = at;
  for (CharClass kind = walker.look(run, next); is_space(kind); kind = walker.look(run, next)) {
    last = run;
    run = next;
    if (kind == CharClass::newline) behind = run;
  }
  if (newlines && behind != nullptr) return behind;
  return run == walker.end() || last == at ? run : last;
}

const char* word_qwen2(const Walker& walker, const char* at) {
  const char* next;
  const char* after;
  const CharClass kind = walker.look(at, next);
  if (*at == '\'') {
    if (const size_t length = contraction(at, walker.end(), true)) return at + length;
  }
  if (kind == CharClass::letter) return walker.skip(next, CharClass::letter);
  if (kind == CharClass::number) return next;
  const CharClass second = walker.look(next, after);
  if (second == CharClass::letter && kind != CharClass::newline) return walker.skip(after, CharClass::letter);
  if (kind == CharClass::other || (*at == ' ' && second == CharClass::other)) {
    return walker.skip(walker.skip(next, CharClass::other), CharClass::newline);
  }
  return white_space(walker, at, true);
}

const char* word_gpt2(const Walker& walker, const char* at) {
  if (*at == '\'') {
    if (const size_t length = contraction(at, walker.end(), false)) return at + length;
  }
  const char* next;
  CharClass kind = walker.look(at, next);
  if (*at == ' ') {
    const char* after;
    const CharClass second = walker.look(next, after);
    if (second == CharClass::letter || second == CharClass::number || second == CharClass::other) kind = second;
  }
  return is_space(kind) ? white_space(walker, at, false) : walker.skip(next, kind);
}

template <typename Word>  // a function pointer would cost a call a word; both words are one line
void split_words(std::string_view text, std::vector<const char*>& ends, Word word) {
  const Walker walker(text);
  for (const char* at = text.data(); at != walker.end();) {
    at = word(walker, at);
    ends.push_back(at);
  }
}

// Digits of "Digits" are the characters that Rust's char::is_numeric names: categories Nd, Nl, No.
void split_digits(std::string_view text, bool single, std::vector<const char*>& ends) {
  const Walker walker(text);
  const char* next;
  bool was_number = false;
  for (const char* at = text.data(); at != walker.end(); at = next) {
    const bool is_number = walker.look(at, next) == CharClass::number;
    if (at != text.data() && (is_number != was_number || (is_number && single))) ends.push_back(at);
    was_number = is_number;
  }
  if (!text.empty()) ends.push_back(walker.end());
}

}  // namespace

void split_qwen2(std::string_view text, std::vector<const char*>& ends) {
  split_words(text, ends, [](const Walker& walker, const char* at) { return word_qwen2(walker, at); });
}

void split_gpt2(std::string_view text, std::vector<const char*>& ends) {
  split_words(text, ends, [](const Walker& walker, const char* at) { return word_gpt2(walker, at); });
}

void Pretokenizer::add_pattern(std::string_view pattern, const std::string& where) {
  if (pattern == kQwen2Pattern) {
    stages_.push_back({Kind::qwen2, nullptr});
  } else if (pattern == kGpt2Pattern) {
    stages_.push_back({Kind::gpt2, nullptr});
  } else {
    stages_.push_back({Kind::regex, std::make_unique<Regex>(pattern, where)});
  }
}

void Pretokenizer::add(const Json& config, const std::string& where) {
  const std::string type = json_string(config, "type", where);
  if (type == "Sequence") {
    const Json& parts = json_at(config, "pretokenizers", where);
    if (!parts.is_array())
      throw InputError(cat(where, ": \"pretokenizers\" is ", parts.type_name(), ", expected a list"));
    for (const Json& part : parts) add(part, where);
  } else if (type == "Split") {
    const std::string behavior = json_string(config, "behavior", where);
    if (behavior != "Isolated") {
      throw InputError(cat(where, ": Split with behavior \"", printable(behavior), "\", expected \"Isolated\""));
    }
    const Json& pattern = json_at(config, "pattern", where);
    if (pattern.contains("String")) {
      std::string escaped;
      for (const char c : json_string(pattern, "String", where)) {
        if (c > ' ' && std::isalnum(static_cast<unsigned char>(c)) == 0) escaped += '\\';
        escaped += c;
      }
      add_pattern(escaped, where);
    } else {
      add_pattern(json_string(pattern, "Regex", where), where);
    }
  } else if (type == "ByteLevel") {
    byte_level_ = true;
    if (json_bool_or(config, "add_prefix_space", true, where)) {
      throw InputError(cat(where, ": ByteLevel with add_prefix_space, which would change the text, is not supported"));
    }
    if (json_bool_or(config, "use_regex", true, where)) stages_.push_back({Kind::gpt2, nullptr});
  } else if (type == "Digits") {
    const bool single = json_bool_or(config, "individual_digits", false, where);
    stages_.push_back({single ? Kind::single_digits : Kind::digit_runs, nullptr});
  } else {
    throw InputError(cat(where, ": pre-tokenizer \"", printable(type),
                         "\" is not supported, expected Sequence, Split, ByteLevel or Digits"));
  }
}

Pretokenizer Pretokenizer::from_json(const Json& config, const std::string& where) {
  Pretokenizer result;
  if (config.is_object()) result.add(config, where);
  if (!result.byte_level_) throw InputError(cat(where, ": found no ByteLevel pre-tokenizer, expected byte-level BPE"));
  return result;
}

Pretokenizer Pretokenizer::qwen2() {
  Pretokenizer result;
  result.add_pattern(kQwen2Pattern, "");
  return result;
}

Pretokenizer Pretokenizer::gpt2() {
  Pretokenizer result;
  result.add_pattern(kGpt2Pattern, "");
  return result;
}

void Pretokenizer::apply(const Stage& stage, std::string_view piece, std::vector<const char*>& ends) {
  switch (stage.kind) {
    case Kind::qwen2:
      return split_qwen2(piece, ends);
    case Kind::gpt2:
      return split_gpt2(piece, ends);
    case Kind::regex:
      return stage.regex->split(piece, ends);
    case Kind::digit_runs:
      return split_digits(piece, false, ends);
    case Kind::single_digits:
      return split_digits(piece, true, ends);
  }
}

void Pretokenizer::split(std::string_view text, std::vector<const char*>& ends) const {
  ends.clear();
  if (text.empty()) return;
  if (stages_.empty()) {
    ends.push_back(text.data() + text.size());
    return;
  }
  apply(stages_.front(), text, ends);
  for (size_t i = 1; i < stages_.size(); ++i) {
    std::vector<const char*> finer;
    const char* begin = text.data();
    for (const char* end : ends) {
      apply(stages_[i], {begin, static_cast<size_t>(end - begin)}, finer);
      begin = end;
    }
    ends.swap(finer);
  }
}

}  // namespace r1v

// Cuts text into words before byte-pair merging, as tokenizer.json's "pre_tokenizer" says.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "text/regex.h"

namespace r1v {

/// The split pattern of the Qwen2 family, and the one inside ByteLevel (GPT-2).
extern const std::string_view kQwen2Pattern;
extern const std::string_view kGpt2Pattern;

/// Hand-written equals of the two patterns above, about ten times faster; pretokenize_test.cpp compares them with
/// Regex.
void split_qwen2(std::string_view text, std::vector<const char*>& ends);
void split_gpt2(std::string_view text, std::vector<const char*>& ends);

/// A sequence of splits, each cutting the pieces of the one before. Immutable.
class Pretokenizer {
 public:
  /// `config` is the "pre_tokenizer" object: Split (Isolated), ByteLevel, Digits, Sequence. throws InputError for
  /// others.
  static Pretokenizer from_json(const Json& config, const std::string& where);
  /// What files without tokenizer.json imply.
  static Pretokenizer qwen2();
  static Pretokenizer gpt2();

  /// Ends of the words of `text` (valid UTF-8); `ends` is overwritten.
  void split(std::string_view text, std::vector<const char*>& ends) const;

 private:
  enum class Kind { qwen2, gpt2, regex, digit_runs, single_digits };
  struct Stage {
    Kind kind;
    std::unique_ptr<Regex> regex;  // only for Kind::regex
  };
  static void apply(const Stage& stage, std::string_view piece, std::vector<const char*>& ends);
  void add(const Json& config, const std::string& where);
  void add_pattern(std::string_view pattern, const std::string& where);

  std::vector<Stage> stages_;
  bool byte_level_ = false;
};

}  // namespace r1v

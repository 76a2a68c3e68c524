// Added tokens (control tokens and others) are found in text before anything else is done to it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace r1v {

/// One token as tokenizer.json lists it.
struct AddedToken {
  int64_t id = 0;
  std::string content;
  bool special = false;      // skipped by decode(skip_special); control tokens of the family
  bool normalized = false;   // matched after normalisation, else before it
  bool single_word = false;  // only where no word character touches it
  bool lstrip = false;       // takes the white space before it along
  bool rstrip = false;       // and behind it
};

/// Finds the leftmost, and there the longest, token; a byte trie, so the work per byte is bounded by the longest token.
class AddedTokenFinder {
 public:
  AddedTokenFinder() = default;
  explicit AddedTokenFinder(const std::vector<AddedToken>& tokens);
  bool empty() const { return tokens_.empty(); }

  /// A piece of text: a token (id >= 0) or what lies between tokens (id -1).
  struct Piece {
    std::string_view text;
    int64_t id;
  };
  std::vector<Piece> split(std::string_view text) const;

 private:
  struct Node {
    std::vector<std::pair<unsigned char, uint32_t>> children;
    int token = -1;
  };
  const AddedToken* longest_at(std::string_view text) const;
  const AddedToken* next(std::string_view text, size_t& at) const;

  std::vector<AddedToken> tokens_;
  std::vector<Node> nodes_;
  bool starts_[256] = {};
};

}  // namespace r1v

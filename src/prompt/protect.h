// Keeps foreign text foreign: what a user writes can never become a control token, whatever the template does with it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "text/tokenizer.h"

namespace r1v {

/// Replaces token texts inside foreign strings, and places of pictures, by numbered marks made of two private-use
/// characters; after the template has run, the marks are found again. Equal strings get equal marks, so rendering a
/// longer conversation repeats the text of the shorter one.
class Protector {
 public:
  /// tokens   texts that must stay plain characters (control tokens of the vocabulary).
  explicit Protector(std::vector<std::string> tokens);

  /// The text with every token text in it replaced by a mark; so are the two private-use characters themselves.
  std::string protect(std::string_view text);
  /// A mark that stands for picture `index`.
  static std::string picture_mark(size_t index);

  /// Walks over rendered text: runs without marks, protected strings, pictures.
  struct Visitor {
    std::function<void(std::string_view)> text;
    std::function<void(std::string_view)> foreign;
    std::function<void(size_t index)> picture;
  };
  void visit(std::string_view rendered, const Visitor& visitor) const;

 private:
  size_t token_length_at(std::string_view text, size_t position) const;

  std::vector<std::string> tokens_;
  std::vector<std::string> entries_;
  std::map<std::string, size_t, std::less<>> index_;
};

}  // namespace r1v

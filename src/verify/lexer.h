// Cleaned answer text to tokens.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace r1v {

struct Token {
  enum class Kind {
    number,   // digits, thousands marks removed, point and exponent kept
    symbol,   // one letter, or a Greek command: a variable
    command,  // frac sqrt pi sin ln ..., without the backslash
    mark,     // one of + - * / ^ ( ) [ ] { } | ! , ; = : % < > _ &, or "\{" "\}" "<=" ">=" "!=", or the words
              // and, or, in, cup, cap, minus (of sets), deg
  };
  Kind kind;
  std::string text;
  bool spaced = false;  // white space stands in front

  bool is(std::string_view mark) const { return kind == Kind::mark && text == mark; }
};

/// `text` comes from clean_math. "percent" becomes "%"; "\begin" and "\end" are followed by a command, the kind of
/// matrix. throws Undecidable: words, unknown commands, stray characters, more than 4096 bytes.
std::vector<Token> lex(std::string_view text);

/// Whether a number token was written with a decimal point or an exponent.
bool is_decimal(const Token& token);

}  // namespace r1v

// Template text to tokens, with Jinja's rules for white space around tags (trim_blocks and lstrip_blocks on).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace r1v::jinja {

enum class TokenType : uint8_t {
  data,            // text outside of tags
  block_begin,     // {%
  block_end,       // %}
  variable_begin,  // {{
  variable_end,    // }}
  name,
  string,
  integer,
  real,
  symbol,  // operators and brackets
  end
};

struct Token {
  TokenType type = TokenType::end;
  int line = 1;
  std::string text;  // string: after its escapes are undone
  int64_t integer = 0;
  double real = 0.0;

  bool is_name(std::string_view wanted) const { return type == TokenType::name && text == wanted; }
  bool is_symbol(std::string_view wanted) const { return type == TokenType::symbol && text == wanted; }
};

/// A mistake in the template's text.
struct SyntaxError {
  int line;
  std::string message;
};

/// Throws SyntaxError. The last token has type `end`.
std::vector<Token> tokenize(std::string_view source);

}  // namespace r1v::jinja

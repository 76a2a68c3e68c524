// Keeps foreign text foreign: what a user writes can never become a control token, whatever the template does with it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "text/added_tokens.h"

namespace r1v {

/// Foreign text goes through the template with the first character of every control token (all begin with "<" in this
/// family) replaced by a stand-in: one private-use character. No cutting, joining or trimming by the template can then
/// make a control token of foreign text. In the rendered text, control tokens are looked for first and the stand-ins
/// are turned back afterwards. Pictures and the places of answers travel the same way.
/// Equal texts give equal stand-ins as long as one Protector is used.
class Protector {
 public:
  /// tokens   the added tokens of the vocabulary. One that is not special and begins with a letter, a digit or white
  ///          space is no control token: foreign text may contain it.
  explicit Protector(const std::vector<AddedToken>& tokens);

  std::string protect(std::string_view text);
  /// All strings and keys in it.
  Json protect_json(const Json& value);
  /// An assistant's text: its <think> and </think> stay, since templates look for them.
  std::string protect_reply(std::string_view text);

  /// One private-use character that stands for picture `index` or for the content of message `index`.
  /// throws InputError when there are too many.
  static std::string picture_mark(size_t index);
  static std::string reply_mark(size_t index);

  struct Piece {
    enum class Kind { text, token, picture } kind = Kind::text;
    std::string text;  // as the user wrote it; of a token: its content
    int64_t token_id = -1;
    size_t picture_index = 0;
  };
  /// Rendered text (or a part of it) as control tokens, pictures and the plain text between them.
  std::vector<Piece> split(std::string_view rendered) const;

 private:
  void append_stand_in(std::string_view character, std::string& out);

  AddedTokenFinder finder_;
  std::map<std::string, size_t, std::less<>> numbers_;  // protected character -> its stand-in's number
  std::vector<std::string> characters_;                 // the same, by number
  std::map<std::string, bool, std::less<>> is_first_;   // first characters of control tokens
};

}  // namespace r1v

// The search follows AddedVocabulary::find_matches of Hugging Face tokenizers, whose ids are the measure.
#include "text/added_tokens.h"

#include <algorithm>

#include "text/unicode.h"

namespace r1v {
namespace {

// The last character of `text` (valid UTF-8 or not) starts here.
size_t last_character(std::string_view text) {
  size_t at = text.size() - 1;
  while (at > 0 && text.size() - at < 4 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

template <typename Test>  // a lambda or a function; called for one character
bool character_is(std::string_view text, size_t at, Test test) {
  const Utf8Step step = utf8_step(text.data() + at, text.data() + text.size());
  return step.status == Utf8Step::Status::valid && test(step.code);
}

bool is_white(char32_t code) {
  const CharClass kind = char_table().char_class(code);
  return kind == CharClass::space || kind == CharClass::newline;
}

bool touches_word(std::string_view before, std::string_view behind) {
  return (!before.empty() && character_is(before, last_character(before), is_word_character)) ||
         (!behind.empty() && character_is(behind, 0, is_word_character));
}

size_t white_before(std::string_view text) {
  size_t size = text.size();
  while (size > 0 && character_is(text.substr(0, size), last_character(text.substr(0, size)), is_white)) {
    size = last_character(text.substr(0, size));
  }
  return text.size() - size;
}

size_t white_behind(std::string_view text) {
  size_t at = 0;
  while (at < text.size() && character_is(text, at, is_white)) {
    at += utf8_step(text.data() + at, text.data() + text.size()).length;
  }
  return at;
}

}  // namespace

AddedTokenFinder::AddedTokenFinder(const std::vector<AddedToken>& tokens) : nodes_(1) {
  for (const AddedToken& token : tokens) {
    if (token.content.empty()) continue;
    uint32_t node = 0;
    for (const char c : token.content) {
      const auto byte = static_cast<unsigned char>(c);
      auto& children = nodes_[node].children;
      const auto child = std::find_if(children.begin(), children.end(), [&](auto& pair) { return pair.first == byte; });
      if (child != children.end()) {
        node = child->second;
        continue;
      }
      const auto fresh = static_cast<uint32_t>(nodes_.size());
      children.emplace_back(byte, fresh);
      nodes_.emplace_back();
      node = fresh;
    }
    nodes_[node].token = static_cast<int>(tokens_.size());
    starts_[static_cast<unsigned char>(token.content[0])] = true;
    tokens_.push_back(token);
  }
}

const AddedToken* AddedTokenFinder::longest_at(std::string_view text) const {
  uint32_t node = 0;
  int found = -1;
  for (const char c : text) {
    const auto& children = nodes_[node].children;
    const auto child = std::find_if(children.begin(), children.end(),
                                    [&](auto& pair) { return pair.first == static_cast<unsigned char>(c); });
    if (child == children.end()) break;
    node = child->second;
    if (nodes_[node].token >= 0) found = nodes_[node].token;
  }
  return found < 0 ? nullptr : &tokens_[static_cast<size_t>(found)];
}

// The next match at or behind `at`, which moves to its start; nullptr at the end.
const AddedToken* AddedTokenFinder::next(std::string_view text, size_t& at) const {
  for (; at < text.size(); ++at) {
    if (!starts_[static_cast<unsigned char>(text[at])]) continue;
    if (const AddedToken* token = longest_at(text.substr(at))) return token;
  }
  return nullptr;
}

std::vector<AddedTokenFinder::Piece> AddedTokenFinder::split(std::string_view text) const {
  std::vector<Piece> pieces;
  size_t done = 0;
  size_t at = 0;
  while (const AddedToken* token = empty() ? nullptr : next(text, at)) {
    size_t begin = at;
    size_t end = at + token->content.size();
    at = end;  // a match that is refused below is still stepped over, as in the reference
    if (token->single_word && touches_word(text.substr(0, begin), text.substr(end))) continue;
    if (token->lstrip && begin > done) begin -= white_before(text.substr(done, begin - done));
    if (token->rstrip) end += white_behind(text.substr(end));
    if (begin > done) pieces.push_back({text.substr(done, begin - done), -1});
    pieces.push_back({text.substr(begin, end - begin), token->id});
    done = at = end;
  }
  if (done < text.size()) pieces.push_back({text.substr(done), -1});
  return pieces;
}

}  // namespace r1v

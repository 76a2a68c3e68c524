// The bytes of the thinking, word by word, and which token each word begins in.
#include "recipes/critical_words.h"

#include <algorithm>
#include <array>
#include <string>

namespace r1v {
namespace {

constexpr std::array<std::string_view, 3> kWords = {"wait", "hmm", "alternatively"};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) > 127;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

}  // namespace

std::vector<int64_t> critical_tokens(std::span<const int64_t> ids, const Tokenizer& tokenizer, bool starts_thinking) {
  std::string text;
  std::vector<size_t> ends;  // of each token's bytes
  for (const int64_t id : ids) {
    text += tokenizer.token_bytes(id);
    ends.push_back(text.size());
  }
  if (!starts_thinking && !text.starts_with("<think>")) return {};
  const std::string thinking = text.substr(0, text.find("</think>"));
  std::vector<int64_t> tokens;
  for (size_t begin = 0; begin < thinking.size();) {
    if (!is_letter(thinking[begin])) {
      ++begin;
      continue;
    }
    size_t end = begin;
    while (end < thinking.size() && is_letter(thinking[end])) ++end;
    if (std::ranges::find(kWords, lower(std::string_view(thinking).substr(begin, end - begin))) != kWords.end()) {
      tokens.push_back(std::ranges::upper_bound(ends, begin) - ends.begin());
    }
    begin = end;
  }
  return tokens;
}

}  // namespace r1v

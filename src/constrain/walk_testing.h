// What tests of constrained decoding share: r1v-mini's vocabulary, and ways through a grammar.
#pragma once

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "constrain/grammar.h"
#include "constrain/token_trie.h"

namespace r1v {

inline const Tokenizer& mini_tokenizer() {
  static const Tokenizer kTokenizer = Tokenizer::load(std::filesystem::path(R1V_SOURCE_DIR) / "models/r1v-mini");
  return kTokenizer;
}

inline std::shared_ptr<const TokenTrie> mini_trie() {
  static const std::shared_ptr<const TokenTrie> kTrie = make_token_trie(mini_tokenizer());
  return kTrie;
}

inline bool has_bit(std::span<const uint64_t> words, int64_t id) {
  return (words[static_cast<size_t>(id) / 64] >> (id % 64) & 1) != 0;
}

inline std::vector<int64_t> ids_of(std::span<const uint64_t> words) {
  std::vector<int64_t> ids;
  for (size_t i = 0; i < words.size() * 64; ++i) {
    if (has_bit(words, static_cast<int64_t>(i))) ids.push_back(static_cast<int64_t>(i));
  }
  return ids;
}

inline int64_t byte_token(const TokenTrie& trie, char byte) {
  return trie.nodes()[static_cast<size_t>(trie.find(0, std::string(1, byte)))].token;
}

/// How far `place` goes along `text`, byte by byte.
inline size_t take_bytes(Grammar::Place& place, const TokenTrie& trie, std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const int64_t id = byte_token(trie, text[i]);
    if (!has_bit(place.allowed(), id)) return i;
    place.accept(id);
  }
  return text.size();
}

/// Whether the grammar lets `text` be written and end there.
inline bool writes(const Grammar& grammar, std::string_view text) {
  const auto place = grammar.begin();
  return take_bytes(*place, *mini_trie(), text) == text.size() && place->may_end();
}

struct Walk {
  std::string text;
  std::vector<int64_t> ids;
  bool is_finished = false;
};

/// Draws uniformly from what is allowed; now and then only from tokens with a closing character, so that it ends.
inline Walk random_walk(const Grammar& grammar, const TokenTrie& trie, std::mt19937& random, size_t most_tokens) {
  Walk walk;
  const auto place = grammar.begin();
  const auto draw = [&](const std::vector<int64_t>& ids) { return ids[random() % ids.size()]; };
  while (walk.ids.size() < most_tokens) {
    const std::vector<int64_t> ids = ids_of(place->allowed());
    walk.is_finished = place->may_end() && (ids.empty() || random() % 4 == 0);
    if (walk.is_finished) return walk;
    if (ids.empty()) {
      ADD_FAILURE() << "nothing may follow " << walk.text;
      return walk;
    }
    int64_t id = draw(ids);
    if (walk.ids.size() > most_tokens / 2 || random() % 3 == 0) {
      std::vector<int64_t> closing;
      for (const int64_t candidate : ids) {
        if (trie.bytes(candidate).find_first_of("\"}]") != std::string_view::npos) closing.push_back(candidate);
      }
      if (!closing.empty()) id = draw(closing);
    }
    place->accept(id);
    walk.ids.push_back(id);
    walk.text += trie.bytes(id);
  }
  return walk;
}

}  // namespace r1v

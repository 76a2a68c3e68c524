// The tree of tokens against a list of them.
#include "constrain/token_trie.h"

#include <gtest/gtest.h>

#include <map>

#include "constrain/walk_testing.h"

namespace r1v {
namespace {

TEST(TokenTrie, HoldsEveryTokenThatIsNotAdded) {
  const Tokenizer& tokenizer = mini_tokenizer();
  std::map<std::string, int64_t> expected;
  for (int64_t id = 0; id < tokenizer.size(); ++id) expected[std::string(tokenizer.token_bytes(id))] = id;
  for (const AddedToken& token : tokenizer.added_tokens()) expected.erase(std::string(tokenizer.token_bytes(token.id)));
  std::map<std::string, int64_t> found;
  std::string path;
  const auto& nodes = mini_trie()->nodes();
  for (size_t i = 1; i < nodes.size(); ++i) {
    path.resize(nodes[i].depth - 1u);
    path += static_cast<char>(nodes[i].byte);
    if (nodes[i].token >= 0) found[path] = nodes[i].token;
    // A node's children lie between it and its end.
    EXPECT_GT(nodes[i].end, i);
    EXPECT_TRUE(nodes[i].end == nodes.size() || nodes[nodes[i].end].depth <= nodes[i].depth);
  }
  EXPECT_EQ(found, expected);
  EXPECT_GT(expected.size(), 900u);
}

TEST(TokenTrie, LeavesControlTokensOut) {
  for (const char* text : {"<|im_end|>", "<|im_start|>", "<think>", "</think>", "<IMG_CONTEXT>"}) {
    const int64_t id = mini_tokenizer().find(text);
    ASSERT_GE(id, 0) << text;
    EXPECT_FALSE(mini_trie()->has(id)) << text;
  }
  EXPECT_FALSE(mini_trie()->has(-1));
  EXPECT_FALSE(mini_trie()->has(1 << 20));
}

TEST(TokenTrie, PartsOfACharacterAreTokensToo) {
  // U+00E9 is C3 A9.
  const auto grammar = grammar_of_schema(Json{{"const", "\u00e9"}}, mini_trie());
  const auto place = grammar->begin();
  ASSERT_EQ(take_bytes(*place, *mini_trie(), "\""), 1u);
  std::vector<std::string> next;
  for (const int64_t id : ids_of(place->allowed())) next.emplace_back(mini_trie()->bytes(id));
  for (const std::string& bytes : next) EXPECT_TRUE(std::string("\xC3\xA9\"").starts_with(bytes)) << bytes;
  EXPECT_TRUE(has_bit(place->allowed(), byte_token(*mini_trie(), '\xC3')));
  ASSERT_EQ(take_bytes(*place, *mini_trie(), "\xC3"), 1u);
  EXPECT_EQ(ids_of(place->allowed()), std::vector<int64_t>{byte_token(*mini_trie(), '\xA9')});
}

TEST(TokenTrie, FindsPaths) {
  for (int64_t id = 0; id < mini_trie()->num_ids(); ++id) {
    if (!mini_trie()->has(id)) continue;
    const std::string bytes(mini_trie()->bytes(id));
    const int64_t node = mini_trie()->find(0, bytes);
    ASSERT_GE(node, 0) << bytes;
    EXPECT_EQ(mini_trie()->nodes()[static_cast<size_t>(node)].token, id);
    EXPECT_EQ(mini_trie()->find(0, bytes + "\xFF"), -1);
  }
  EXPECT_EQ(mini_trie()->find(0, ""), 0);
}

}  // namespace
}  // namespace r1v

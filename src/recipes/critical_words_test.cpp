// Which tokens begin the words that turn a thought around.
#include "recipes/critical_words.h"

#include <gtest/gtest.h>

#include "engine/tiny_folder_test.h"

namespace r1v {
namespace {

std::vector<int64_t> found_in(const std::string& text, bool starts_thinking = true) {
  const testing_folder::TinyFolder folder;
  const Tokenizer tokenizer = Tokenizer::load(folder.path());  // a token a byte
  return critical_tokens(tokenizer.encode(text, SpecialTokens::parse), tokenizer, starts_thinking);
}

TEST(CriticalTokens, BeginWholeWordsInTheThinking) {
  EXPECT_EQ(found_in("2. Wait, hmm"), (std::vector<int64_t>{3, 9}));
  EXPECT_EQ(found_in("Alternatively 3"), (std::vector<int64_t>{0}));
  EXPECT_TRUE(found_in("await waiter hmmm").empty());
}

TEST(CriticalTokens, EndWithTheThinking) {
  EXPECT_EQ(found_in("Wait</think>Wait"), (std::vector<int64_t>{0}));
  EXPECT_TRUE(found_in("Wait", /*starts_thinking=*/false).empty());
  EXPECT_EQ(found_in("<think>Wait</think>", /*starts_thinking=*/false), (std::vector<int64_t>{1}));
}

}  // namespace
}  // namespace r1v

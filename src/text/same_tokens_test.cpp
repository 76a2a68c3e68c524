// The first token that differs is named, whichever of the two has more.
#include "text/same_tokens.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"

namespace r1v {
namespace {

constexpr const char* kFile = R1V_SOURCE_DIR "/tests/golden/tokenizer_small.json";

std::string trouble(const Tokenizer& other, const Tokenizer& tokens) {
  try {
    expect_same_tokens(other, "--other DIR", tokens);
    return "";
  } catch (const InputError& error) {
    return error.what();
  }
}

TEST(SameTokens, AgreeWithThemselvesAndNameTheFirstThatDiffers) {
  const Tokenizer tokenizer = Tokenizer::load(kFile);
  EXPECT_EQ(trouble(tokenizer, tokenizer), "");
  std::string json = read_file(kFile);
  const std::string token = "\"<|im_end|>\"";  // 1002
  json.replace(json.find(token), token.size(), "\"<|another|>\"");
  const std::filesystem::path file = std::filesystem::temp_directory_path() / "r1v_same_tokens_test.json";
  write_file_atomic(file, json);
  const std::string found = trouble(Tokenizer::load(file), tokenizer);
  std::filesystem::remove(file);
  EXPECT_EQ(
      found,
      "--other DIR: token 1002 is \"<|another|>\", in --model it is \"<|im_end|>\"; both need the same tokenizer");
}

}  // namespace
}  // namespace r1v

// Streaming gives whole characters only, and in sum what decoding at once gives.
#include "text/detokenize.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/json.h"
#include "text/unicode.h"

namespace r1v {
namespace {

const std::filesystem::path kGolden = R1V_SOURCE_DIR "/tests/golden";

TEST(Detokenizer, EqualsTheReferenceOnRandomIds) {
  const Tokenizer tokenizer = Tokenizer::load(kGolden / "tokenizer_small.json");
  const Json cases = read_json_file(kGolden / "tokenizer_cases.json");
  for (const Json& entry : cases.at("decode")) {
    const std::vector<int64_t> ids = entry.at(0);
    for (const bool skip_special : {false, true}) {
      Detokenizer detokenizer(tokenizer, skip_special);
      std::string text;
      for (const int64_t id : ids) {
        const std::string piece = detokenizer.push(id);
        EXPECT_EQ(piece, replace_invalid_utf8(piece)) << "half a character";
        text += piece;
      }
      text += detokenizer.finish();
      EXPECT_EQ(text, entry.at(skip_special ? 2 : 1)) << entry.dump();
      EXPECT_EQ(replace_invalid_utf8(tokenizer.decode(ids, skip_special)), text);
    }
  }
}

TEST(Detokenizer, WaitsForTheWholeCharacterAcrossControlTokens) {
  const Tokenizer tokenizer = Tokenizer::load(kGolden / "tokenizer_small.json");
  const auto byte = [&](unsigned char b) {
    return tokenizer.encode(std::string(1, static_cast<char>(b)), SpecialTokens::escape).at(0);
  };
  Detokenizer detokenizer(tokenizer);
  EXPECT_EQ(detokenizer.push(byte(0xE2)), "");
  EXPECT_EQ(detokenizer.push(byte(0x82)), "");
  EXPECT_EQ(detokenizer.push(tokenizer.find("<|im_end|>")), "");  // skipped, and parts nothing
  EXPECT_EQ(detokenizer.push(byte(0xAC)), "\xE2\x82\xAC");
  EXPECT_EQ(detokenizer.push(byte(0xF0)), "");
  EXPECT_EQ(detokenizer.push(byte('a')),
            "\xEF\xBF\xBD"
            "a");  // can never become a character now
  EXPECT_EQ(detokenizer.push(byte(0xC3)), "");
  EXPECT_EQ(detokenizer.finish(), "\xEF\xBF\xBD");
  EXPECT_EQ(detokenizer.finish(), "");
  EXPECT_THROW(detokenizer.push(tokenizer.size()), InputError);
}

}  // namespace
}  // namespace r1v

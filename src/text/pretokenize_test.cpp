// The hand-written splits equal their regular expressions, and other patterns go through PCRE2.
#include "text/pretokenize.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/rng.h"
#include "text/unicode.h"

namespace r1v {
namespace {

using Words = std::vector<std::string>;

template <typename Split>  // a member function, a free function or a lambda
Words words_of(std::string_view text, Split split) {
  std::vector<const char*> ends;
  split(text, ends);
  Words words;
  const char* begin = text.data();
  for (const char* end : ends) {
    words.emplace_back(begin, end);
    begin = end;
  }
  EXPECT_EQ(begin, text.data() + text.size()) << "the words do not cover the text";
  return words;
}

Words split_json(const char* config, std::string_view text) {
  const Pretokenizer pretokenizer = Pretokenizer::from_json(parse_json(config, "test"), "test");
  return words_of(text, [&](auto t, auto& ends) { pretokenizer.split(t, ends); });
}

// Characters of every class, among them the awkward ones; PCRE2 10.42 knows Unicode 14.0, so newer letters stay out.
std::string random_text(Rng& rng) {
  static const std::vector<std::u32string> kPools = {U" \t\r\n\u00A0\u3000\u2028\u0085\u180E\u000B",
                                                     U"'sStTrRvVeEmMlLdD\u017F",
                                                     U"abz0129.,!?-_(){}\\",
                                                     U"\u00E9\u00DF\u0416\u4E2D\uAC00\u0E01",
                                                     U"\u00BD\u00B2\u0661\u2167\U0001D7D9",
                                                     U"\u0301\u200D\uFE0F\u20E3\u2200\u20AC\U0001F600\U0001F1E9"};
  std::string text;
  const auto length = rng.integer(1, 24);
  for (int64_t i = 0; i < length; ++i) {
    if (rng.chance(0.1)) {
      char32_t code = static_cast<char32_t>(rng.integer(0, 0x2FFF));
      if (code == 0x1C89 || code == 0x1C8A) code = 'a';  // letters since Unicode 16
      append_utf8(code, text);
    } else {
      append_utf8(rng.pick(rng.pick(kPools)), text);
    }
  }
  return text;
}

TEST(Pretokenizer, HandWrittenSplitsEqualTheirPatternsOnRandomText) {
  const Regex qwen2(kQwen2Pattern, "test");
  const Regex gpt2(kGpt2Pattern, "test");
  Rng rng(11);
  for (int i = 0; i < 10000; ++i) {
    const std::string text = random_text(rng);
    const auto with = [&](const Regex& regex) { return [&](auto t, auto& ends) { regex.split(t, ends); }; };
    ASSERT_EQ(words_of(text, split_qwen2), words_of(text, with(qwen2))) << printable(text, 400);
    ASSERT_EQ(words_of(text, split_gpt2), words_of(text, with(gpt2))) << printable(text, 400);
  }
}

TEST(Pretokenizer, SplitsAsThePatternReads) {
  EXPECT_THAT(words_of("We'LL add 12  apples!\n\n  x", split_qwen2),
              testing::ElementsAre("We", "'LL", " add", " ", "1", "2", " ", " apples", "!\n\n", " ", " x"));
  EXPECT_THAT(words_of("We'LL add 12  apples!\n\n  x", split_gpt2),
              testing::ElementsAre("We", "'", "LL", " add", " 12", " ", " apples", "!", "\n\n ", " x"));
}

TEST(Pretokenizer, ReadsByteLevelSequencesAndDigits) {
  EXPECT_THAT(split_json(R"({"type":"ByteLevel","add_prefix_space":false,"use_regex":true})", "it's 12"),
              testing::ElementsAre("it", "'s", " 12"));
  EXPECT_THAT(split_json(R"({"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},
                             {"type":"ByteLevel","add_prefix_space":false}]})",
                         "ab 123c"),
              testing::ElementsAre("ab", " ", "1", "2", "3", "c"));
  EXPECT_THAT(split_json(R"({"type":"Sequence","pretokenizers":[
                             {"type":"Split","pattern":{"String":"(x]"},"behavior":"Isolated","invert":false},
                             {"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]})",
                         "a(x]bx"),
              testing::ElementsAre("a", "(x]", "bx"));
  EXPECT_THAT(split_json(R"({"type":"Sequence","pretokenizers":[
                             {"type":"Split","pattern":{"Regex":"\\p{N}{1,3}|\\s+"},"behavior":"Isolated"},
                             {"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]})",
                         "a12345 b"),
              testing::ElementsAre("a", "123", "45", " ", "b"));
}

TEST(Pretokenizer, RefusesWhatItDoesNotKnow) {
  for (const char* config : {"null", R"({"type":"Whitespace"})", R"({"type":"Digits"})", R"({"type":"ByteLevel"})",
                             R"({"type":"Split","pattern":{"Regex":"("},"behavior":"Isolated"})",
                             R"({"type":"Split","pattern":{"Regex":"a"},"behavior":"Removed"})", R"({"type":7})"}) {
    EXPECT_THROW(Pretokenizer::from_json(parse_json(config, "test"), "test"), InputError) << config;
  }
}

TEST(Regex, EndsHostileMatchingWithAnError) {
  const Regex regex("(a+)+$", "test");
  std::vector<const char*> ends;
  const std::string text = std::string(60, 'a') + "b";
  EXPECT_THROW(regex.split(text, ends), InputError);
}

}  // namespace
}  // namespace r1v

// What is measured, counted by hand and by the scripts that measure other programs.
#include "apps/bench_work.h"

#include <gtest/gtest.h>

#include "apps/bench_cost.h"
#include "apps/bench_figures.h"
#include "apps/bench_tokenizer.h"
#include "base/error.h"
#include "base/json.h"

namespace r1v {
namespace {

TEST(FixedIds, AreThoseThatTheOtherProgramsGet) {
  // python3 -c 'v,s=151936,0; lo=1000; print([lo+((i+1+s*7919)*2654435761%(1<<32))%(v-2*lo-300) for i in range(16)])'
  EXPECT_EQ(fixed_ids(16, 151936, 0), (std::vector<int64_t>{43757, 121326, 14447, 92016, 19949, 62706, 140275, 33396,
                                                            110965, 38898, 81655, 9588, 87157, 129914, 57847, 100604}));
  // the same with v,s=4096,3; lo=100
  EXPECT_EQ(fixed_ids(16, 4096, 3), (std::vector<int64_t>{1706, 3319, 2944, 2569, 586, 211, 1824, 1449, 1074, 2687,
                                                          2312, 1937, 3550, 3175, 1192, 817}));
  EXPECT_THROW(fixed_ids(1, 300, 0), InputError);
}

TEST(Measures, AreNamedWithTheirNumbers) {
  const std::vector<Measure> measures = parse_measures("decode,decode8k,prefill,batch8,image7,load,second_question");
  ASSERT_EQ(measures.size(), 7u);
  EXPECT_EQ(measures[0].kind, MeasureKind::decode);
  EXPECT_EQ(measures[0].number, 128);
  EXPECT_EQ(measures[1].kind, MeasureKind::decode);
  EXPECT_EQ(measures[1].number, 8192);
  EXPECT_EQ(measures[1].name, "decode8k");
  EXPECT_EQ(measures[2].number, 512);
  EXPECT_EQ(measures[3].number, 8);
  EXPECT_EQ(measures[4].number, 7);
  for (const char* wrong : {"", "sleep", "decode,", "batch", "batch0", "batch1000", "image", "load2", "decodek"}) {
    EXPECT_THROW(parse_measures(wrong), InputError) << wrong;
  }
}

TEST(Median, IsTheValueInTheMiddle) {
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 2, 3}), 2.5);
}

LanguageConfig half_billion() {
  return {.hidden_size = 896,
          .num_layers = 24,
          .num_heads = 14,
          .num_kv_heads = 2,
          .head_dim = 64,
          .intermediate_size = 4864,
          .vocab_size = 151936,
          .tie_word_embeddings = true};
}

TEST(Cost, OfAPromptIsTwoOperationsAWeight) {
  // A layer: q and o 896 * 896 each, k and v 896 * 128 each, three of 896 * 4864: 14,909,440 weights; 24 of them
  // 357,826,560. 512 tokens: 2 * 512 * 357,826,560 = 366,414,397,440; the head once, 2 * 896 * 151936 = 272,269,312;
  // attention 4 * 896 * 24 * 512 * 512 / 2 = 11,274,289,152. Sum 377,960,955,904: 0.738 G a token.
  EXPECT_EQ(prefill_cost(half_billion(), 1e9, 512).operations, 377960955904.0);
}

TEST(Cost, OfADecodedTokenIsItsWeightsAndWhatItLooksBackAt) {
  // Keys and values: 2 * 24 * 2 * 64 = 6144 numbers a token; 100 tokens of 2 bytes: 1,228,800 for each of 8 samples.
  EXPECT_EQ(decode_cost(half_billion(), 1e9, 2, 8, 100).bytes, 1e9 + 8 * 1228800.0);
}

TEST(Cost, OfATileIsThatOfTowerAndBridge) {
  // 24 * (2 * 1025 * 12 * 1024^2 + 4 * 1025^2 * 1024) + 2 * 1024 * 588 * 1024 + 2 * 256 * (4096 * 896 + 896 * 896)
  //   = 24 * 30,098,329,600 + 1,233,125,376 + 2,290,089,984 = 725,883,125,760
  ModelConfig config;
  config.language = half_billion();
  config.vision = VisionConfig{.hidden_size = 1024, .num_layers = 24, .num_heads = 16, .intermediate_size = 4096};
  EXPECT_EQ(tower_cost(config, 1).operations, 725883125760.0);
  EXPECT_EQ(tower_cost(config, 7).operations, 7 * 725883125760.0);
}

TEST(Cost, TakesTheLongerOfReadingAndMultiplying) {
  MachineLimits limits;
  limits.read = {.median = 10, .best = 10};
  limits.float32 = {.median = 100, .best = 100};
  EXPECT_EQ(least_seconds({.bytes = 20, .operations = 100}, limits, WeightFormat::float32), 2);
  EXPECT_EQ(least_seconds({.bytes = 20, .operations = 300}, limits, WeightFormat::float32), 3);
  limits.int8 = MeasuredRate{.median = 400, .best = 400};
  EXPECT_EQ(least_seconds({.bytes = 0, .operations = 300}, limits, WeightFormat::int4), 0.75);
}

TEST(Figures, AreJsonLinesThatBeginWithTheirPeer) {
  const Figure figure{.measure = "decode", .unit = "tok/s", .all = {1, 3, 2}, .share = Share{0.5, "memory read"}};
  const std::string line = dump_json(figure_json(figure, "int8"));
  EXPECT_EQ(line, R"({"peer":"r1v","variant":"int8","measure":"decode","value":2.0,"unit":"tok/s",)"
                  R"("all":[1.0,3.0,2.0],"share":0.5,"limit":"memory read"})");
}

TEST(BenchTokenizer, HasATokenForEveryIdThatIsDrawn) {
  const Json tokenizer = parse_json(bench_tokenizer(1024), "tokenizer");
  EXPECT_EQ(tokenizer["model"]["vocab"].size(), 1024u - 293u);
  EXPECT_EQ(tokenizer["model"]["merges"].size(), 1024u - 293u - 256u);
  EXPECT_EQ(tokenizer["added_tokens"][0]["id"], 1024 - 293);
}

}  // namespace
}  // namespace r1v

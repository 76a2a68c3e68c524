// Good answers cut and finished by the model of this repository.
#include "recipes/pairs_cut.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "io/picture.h"
#include "models/registry.h"
#include "prompt/render.h"
#include "recipes/pairs_testing.h"

namespace r1v {
namespace {

const std::filesystem::path kMini = std::filesystem::path(R1V_SOURCE_DIR) / "models/r1v-mini";
const std::string kGood =
    "<think>\nI see 3 red circles; 2 blue squares. Count circles: 3. So 3.\n</think>\n\n\\boxed{3}";

class PairsCut : public testing::Test {
 protected:
  PairsCut() : model(load_model(kMini, {.dtype = at::kFloat})), renderer(kMini) {
    write_file_atomic(folder / "a.png",
                      encode_png({.width = 30, .height = 20, .rgb = std::vector<uint8_t>(1800, 128)}));
  }

  static Json supervised(const std::string& good) {
    Json messages = asked("<image>\nHow many circles?");
    messages.push_back({{"role", "assistant"}, {"content", good}});
    return {{"messages", messages}, {"images", {"a.png"}}};
  }
  PairsCutOptions options(const std::vector<Json>& lines) {
    return {.data = {folder.write("in.jsonl", lines)}, .out = folder / "out.jsonl", .skip_right = "off"};
  }
  PairsCutCounts cut(const PairsCutOptions& options) {
    return cut_pairs(options, *model, renderer, {}, {.temperature = 2.5, .top_p = 1.0, .seed = 7, .max_tokens = 120});
  }
  std::string refusal(const PairsCutOptions& options) {
    try {
      cut(options);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }

  LinesFolder folder;
  std::unique_ptr<R1vModel> model;
  Renderer renderer;
};

TEST_F(PairsCut, TheRejectedAnswerBeginsWithTheKeptShareAndTheQuestionKeepsItsPicture) {
  Json line = supervised(kGood);
  line["level"] = 2;
  const PairsCutCounts counts = cut(options({line, line, line, line}));
  const std::vector<Json> pairs = folder.read("out.jsonl");
  ASSERT_GT(pairs.size(), 0u) << counts.text();
  EXPECT_EQ(counts.pairs + counts.cut_off + counts.same, 4);
  // The prompt opens "<think>\n": what can be cut is what follows.
  const std::vector<int64_t> ids = renderer.tokenizer().encode(kGood.substr(8), SpecialTokens::parse);
  const auto half = static_cast<ptrdiff_t>((ids.size() + 1) / 2);
  const std::string kept = "<think>\n" + renderer.tokenizer().decode({ids.begin(), ids.begin() + half});
  for (const Json& pair : pairs) {
    EXPECT_EQ(pair["chosen"], kGood);
    const auto& rejected = pair["rejected"].get_ref<const std::string&>();
    EXPECT_EQ(rejected.substr(0, kept.size()), kept);
    EXPECT_GT(rejected.size(), kept.size());
    EXPECT_NE(rejected, kGood);
    EXPECT_EQ(pair["messages"].size(), 1u);
    EXPECT_EQ(pair["messages"][0]["content"][0]["path"], "a.png");
    EXPECT_EQ(pair["source"], "cut");
    EXPECT_EQ(pair["level"], 2);
  }
}

TEST_F(PairsCut, SameSeedSamePairsWhateverElseIsInTheFile) {
  const Json line = supervised(kGood), other = supervised("<think>\nI see nothing.\n</think>\n\n\\boxed{0}");
  cut(options({line, other}));
  const std::vector<Json> first = folder.read("out.jsonl");
  cut(options({line, other}));
  EXPECT_EQ(folder.read("out.jsonl"), first);
}

TEST_F(PairsCut, EveryFormOfAGoodAnswerIsTaken) {
  Json preference = pair_of("<image>\nHow many circles?", kGood, "no");
  preference["images"] = {"a.png"};
  Json solution = {{"messages", asked("<image>\nHow many circles?")}, {"images", {"a.png"}}, {"solution", kGood}};
  Json thoughts = supervised("\\boxed{3}");
  thoughts["messages"][1]["reasoning_content"] = "I see 3 red circles; 2 blue squares.";
  const PairsCutCounts counts = cut(options({preference, solution, thoughts}));
  EXPECT_EQ(counts.pairs + counts.cut_off + counts.same + counts.empty, 3) << counts.text();
  for (const Json& pair : folder.read("out.jsonl")) {
    EXPECT_EQ(pair["messages"].size(), 1u);
    EXPECT_TRUE(pair["chosen"].get_ref<const std::string&>().starts_with("<think>\nI see 3 red"));
  }
}

TEST_F(PairsCut, ARightFinishIsNoPair) {
  PairsCutOptions late = options({supervised(kGood)});
  late.at = 0.99;  // all but the last token: "}" is missing, and greedy decoding writes it
  const SamplingParams greedy = {.temperature = 0, .max_tokens = 8};
  late.skip_right = "on";
  const PairsCutCounts counts = cut_pairs(late, *model, renderer, {}, greedy);
  EXPECT_EQ(counts.pairs, 0) << counts.text();
  EXPECT_EQ(counts.right + counts.same, 1) << counts.text();
}

TEST_F(PairsCut, AFinishThatCannotBeDecidedIsNoPair) {
  Json line = supervised(kGood);
  line["answer"] = std::string(5000, 'x');  // verify reads 4096 bytes
  PairsCutOptions all = options({line, line, line, line});
  const PairsCutCounts taken = cut(all);
  ASSERT_GT(taken.pairs, 0) << taken.text();
  all.skip_right = "on";
  const PairsCutCounts counts = cut(all);
  EXPECT_GT(counts.undecided, 0) << counts.text();
  EXPECT_EQ(counts.pairs + counts.undecided, taken.pairs);  // a finish without a result is wrong, whatever is right
}

TEST_F(PairsCut, WhatCannotBeCutIsCountedOrNamed) {
  Json text_only = supervised(kGood);
  text_only.erase("images");
  text_only["messages"][0]["content"] = "2+2?";
  const PairsCutCounts counts = cut(options({text_only, supervised("7")}));
  EXPECT_EQ(counts.without_picture, 1);
  EXPECT_EQ(counts.too_short, 1);
  EXPECT_EQ(counts.pairs, 0);

  Json open = supervised(kGood);
  open["messages"].erase(1);
  EXPECT_NE(refusal(options({open})).find("in.jsonl line 1: no answer to cut"), std::string::npos)
      << refusal(options({open}));
  Json lost = supervised(kGood);
  lost["images"] = {"none.png"};
  EXPECT_NE(refusal(options({lost})).find("none.png"), std::string::npos);
  PairsCutOptions skip = options({lost, open});
  skip.skip_bad = true;
  EXPECT_EQ(cut(skip).bad_lines, 2);
  PairsCutOptions all = options({open});
  all.at = 1.0;
  EXPECT_NE(refusal(all).find("--at"), std::string::npos);
  EXPECT_NE(refusal(options({})).find("found no line"), std::string::npos);
}

}  // namespace
}  // namespace r1v

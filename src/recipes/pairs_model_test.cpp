// A model as judge and as scorer, on the model of this repository.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/reward_model.h"
#include "models/registry.h"
#include "recipes/judge.h"
#include "recipes/pairs_filter.h"
#include "recipes/pairs_testing.h"

namespace r1v {
namespace {

const std::filesystem::path kMini = std::filesystem::path(R1V_SOURCE_DIR) / "models/r1v-mini";

PairsLine line_of(const Json& json, const std::filesystem::path& root) {
  return {
      .json = json, .parsed = parse_preference_line(json, "p.jsonl line 1"), .root = root, .where = "p.jsonl line 1"};
}

/// A grey picture and a question about it; another line names a picture that is not there.
struct TwoLines {
  TwoLines() {
    write_file_atomic(folder / "a.png",
                      encode_png({.width = 30, .height = 20, .rgb = std::vector<uint8_t>(1800, 128)}));
    for (const char* picture : {"a.png", "none.png"}) {
      Json json = pair_of("<image>\nHow many?", "\\boxed{2}", "\\boxed{3}");
      json["images"] = {picture};
      lines.push_back(line_of(json, folder / ""));
    }
  }
  LinesFolder folder;
  std::vector<PairsLine> lines;
};

TEST(ModelJudge, ALineThatCannotBeAskedLeavesTheOthersAlone) {
  const TwoLines two;
  const auto model = load_model(kMini, {.dtype = at::kFloat});
  const Renderer renderer(kMini);
  const auto judge = make_model_judge(*model, renderer, {.temperature = 0, .max_tokens = 4});
  std::vector<Match> matches;
  for (const PairsLine& line : two.lines) matches.push_back({&line, line.parsed.chosen, line.parsed.rejected});
  const std::vector<JudgedMatch> judged = judge->verdicts(matches);
  ASSERT_EQ(judged.size(), 2u);
  EXPECT_EQ(judged[0].error, "");
  EXPECT_EQ(judged[0].better, Better::unknown);  // four tokens are no verdict
  EXPECT_NE(judged[1].error.find("none.png"), std::string::npos) << judged[1].error;
  const std::vector<const PairsLine*> lines = {&two.lines[1], &two.lines[0]};
  const std::vector<Rewrite> rewrites = judge->rewrites(lines);
  EXPECT_NE(rewrites[0].error, "");
  EXPECT_EQ(rewrites[1].error, "");
}

TEST(PairsFilter, ScoresAreThoseOfTheModel) {
  const TwoLines two;
  const LinesFolder folder;
  for (const auto& entry : std::filesystem::directory_iterator(kMini)) {
    std::filesystem::create_symlink(entry.path(), folder / entry.path().filename().string());
  }
  ValueHead head(read_model_config(kMini).language.hidden_size);
  head.walk([](const std::string&, at::Tensor& slot) {
    slot = slot.dim() == 2 ? at::linspace(-1, 1, slot.size(1)).view({1, -1}) : at::full({1}, 0.25);
  });
  save_value_head(head, folder / "");
  const RewardModel model(folder / "", LoadOptions{});
  const std::vector<PairScores> scores = reward_scorer(model)(two.lines);
  ASSERT_EQ(scores.size(), 2u);
  EXPECT_NE(scores[1].error.find("none.png"), std::string::npos) << scores[1].error;
  const auto score_of = [&](const std::string& answer) {
    const PictureAccess access{.root = two.lines[0].root.string(), .restrict_to_root = true};
    const ScoredPrompt prompt = render_scored(
        model.renderer(), parse_conversation(answered_request(two.lines[0].parsed, answer), access, "line 1"));
    return model.score(std::span(&prompt, 1)).at(0);
  };
  EXPECT_EQ(scores[0].chosen, score_of("\\boxed{2}"));
  EXPECT_EQ(scores[0].rejected, score_of("\\boxed{3}"));
  EXPECT_NE(scores[0].chosen, scores[0].rejected);
}

}  // namespace
}  // namespace r1v

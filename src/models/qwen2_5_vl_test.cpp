// Tiny Qwen2.5-VL networks against transformers 5.23: positions, every stage, score, loss, gradients, greedy tokens.
#include <ATen/core/grad_mode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "models/golden_network.h"
#include "models/registry.h"
#include "models/value_head.h"

namespace r1v {
namespace {

struct Qwen25Vl : testing::TestWithParam<const char*> {
  GoldenNetwork golden{std::string("qwen2_5_vl_") + GetParam(), GoldenNetwork::File::whole_name};
  std::vector<PictureGrid> grids;
  std::vector<int64_t> ids;
  at::Tensor pixels;

  void SetUp() override {
    const at::Tensor stored = golden.expected("input_ids");
    ids.assign(stored.const_data_ptr<int64_t>(), stored.const_data_ptr<int64_t>() + stored.numel());
    if (!golden.has("image_grid_thw")) return;
    const at::Tensor thw = golden.expected("image_grid_thw");
    int64_t patches = 0;
    for (int64_t i = 0; i < thw.size(0); ++i) {
      const auto* row = thw[i].const_data_ptr<int64_t>();
      grids.push_back({.frames = row[0], .rows = row[1], .columns = row[2]});
      patches += grids.back().patches();
    }
    pixels = golden_numbers("pixels", {patches, 3 * 2 * 4 * 4}) * 2;
  }

  at::Tensor image_rows(const R1vModel& model) const {
    return grids.empty() ? at::Tensor() : model.encode_pictures(pixels, grids);
  }
  at::Tensor hidden(R1vModel& model, std::vector<at::Tensor>* layers = nullptr) const {
    const at::Tensor embeds = model.embed(golden.expected("input_ids"), image_rows(model), kGoldenImageToken);
    const int64_t length = static_cast<int64_t>(ids.size());
    return model.language().model.forward(embeds, model.packed(golden.expected("input_ids"), {length}, grids), layers);
  }
};

TEST_P(Qwen25Vl, PositionsEqualTheReferences) {
  const auto model = load_model(golden.folder.path());
  const Positions positions = model->positions(ids, grids);
  if (grids.empty()) {
    EXPECT_TRUE(at::equal(positions.values, at::arange(static_cast<int64_t>(ids.size()))));
  } else {
    EXPECT_TRUE(at::equal(positions.values, golden.expected("position_ids")));
    EXPECT_EQ(positions.next, positions.values.max().item<int64_t>() + 1);
  }
}

TEST_P(Qwen25Vl, EveryStageAndTheScoreMatchTransformers) {
  const at::NoGradGuard no_grad;
  const auto model = load_model(golden.folder.path());
  if (!grids.empty()) expect_close(image_rows(*model), golden.expected("projector.output"), "projector.output");
  std::vector<at::Tensor> layers;
  const at::Tensor hidden_TD = hidden(*model, &layers);
  expect_close(layers.at(0), golden.expected("layers.0"), "layers.0");
  expect_close(hidden_TD, golden.expected("hidden"), "hidden");
  expect_close(model->logits(hidden_TD), golden.expected("logits"), "logits");
  ValueHead head(32);
  head.walk([](const std::string& name, at::Tensor& slot) { slot = golden_weight(name, slot.sizes()); });
  save_value_head(head, golden.folder.path());
  const auto read = load_value_head(golden.folder.path(), 32, at::kCPU);
  expect_close(read->forward(hidden_TD.narrow(0, hidden_TD.size(0) - 1, 1)), golden.expected("score"), "score");
}

TEST_P(Qwen25Vl, LossAndEveryGradientMatchTransformers) {
  const auto model = load_model(golden.folder.path(), {.writable = true});
  for (const auto& [name, parameter] : model->named_parameters()) parameter->requires_grad_();
  const int64_t pairs = static_cast<int64_t>(ids.size()) - 1;
  const at::Tensor logits = model->logits(hidden(*model)).narrow(0, 0, pairs);
  const at::Tensor loss = at::cross_entropy_loss(logits, golden.expected("labels").narrow(0, 1, pairs));
  EXPECT_NEAR(loss.item<double>(), golden.expected("loss").item<double>(), 1e-5);
  loss.backward();
  const Json names = parse_json(golden.file.metadata().at("grad_names"), "grad_names");
  std::map<std::string, double> expected;
  for (size_t i = 0; i < names.size(); ++i) {
    expected[names[i]] = golden.expected("grad_norms")[static_cast<int64_t>(i)].item<double>();
  }
  for (const auto& [name, parameter] : model->named_parameters()) {
    ASSERT_TRUE(expected.contains(name)) << name;
    const double found = parameter->grad().defined() ? parameter->grad().to(at::kDouble).norm().item<double>() : 0.0;
    const double scale = std::max(expected[name], 1e-4);  // a key's bias has no gradient but rounding
    EXPECT_NEAR(found / scale, expected[name] / scale, 1e-3) << name;
  }
  EXPECT_EQ(expected.size(), model->named_parameters().size());
}

TEST_P(Qwen25Vl, GreedyTokensGoOnFromTheRightPosition) {
  const at::NoGradGuard no_grad;
  const auto model = load_model(golden.folder.path());
  std::vector<int64_t> generated;
  const Positions prompt = model->positions(ids, grids);
  const at::Tensor prompt_3T =
      prompt.values.dim() == 2 ? prompt.values : prompt.values.expand({3, prompt.values.size(0)});
  const at::Tensor embeds = model->embed(golden.expected("input_ids"), image_rows(*model), kGoldenImageToken);
  const at::Tensor expected = golden.expected("generated_ids");
  at::Tensor all = embeds, positions = prompt_3T;
  for (int64_t i = 0; i < expected.numel(); ++i) {
    TokenPlan plan = packed_plan({all.size(0)});
    plan.positions = positions;
    at::Tensor logits = model->logits(model->hidden(all, plan).narrow(0, all.size(0) - 1, 1));
    logits.narrow(1, kGoldenImageToken, 1).fill_(-1e9);
    generated.push_back(logits.argmax().item<int64_t>());
    all = at::cat({all, model->embed(at::tensor(generated.back()).view({1}), {}, -1)});
    positions = at::cat({positions, at::full({3, 1}, prompt.next + i, at::kLong)}, 1);
  }
  EXPECT_TRUE(at::equal(at::tensor(generated), expected));
}

INSTANTIATE_TEST_SUITE_P(Cases, Qwen25Vl, testing::Values("pictures", "one_cell", "text"),
                         [](const auto& one) { return std::string(one.param); });

TEST(Qwen25VlTower, RefusesGridsThatDoNotFitThePixels) {
  const GoldenNetwork golden("qwen2_5_vl_one_cell", GoldenNetwork::File::whole_name);
  const auto model = load_model(golden.folder.path());
  const auto features = [&](const PictureGrid& grid, int64_t patches) {
    return model->vision_features(at::zeros({patches, 3 * 2 * 4 * 4}), std::vector<PictureGrid>{grid});
  };
  EXPECT_NO_THROW(features({.frames = 1, .rows = 2, .columns = 4}, 8));
  EXPECT_THROW(features({.frames = 1, .rows = 3, .columns = 4}, 12), InputError);  // a cell and a half
  EXPECT_THROW(features({.frames = 1, .rows = 2, .columns = 4}, 12), InputError);
}

TEST(Mrope, RefusesIdsThatDoNotFitTheirPictures) {
  const std::vector<PictureGrid> grids = {{.frames = 1, .rows = 4, .columns = 4}};  // 4 cells
  const std::vector<int64_t> few = {1, 9, 9, 9, 2}, many = {1, 9, 9, 9, 9, 9, 2}, none = {1, 2};
  EXPECT_THROW(mrope_positions(few, 9, grids, 2), InputError);
  EXPECT_THROW(mrope_positions(many, 9, grids, 2), InputError);
  EXPECT_THROW(mrope_positions(none, 9, grids, 2), InputError);
}

TEST(Mrope, CountsRowsAndColumnsOfAPicture) {
  // text 0, picture of 2 x 3 cells from 1 on, then text from 1 + max(2, 3) = 4
  const std::vector<int64_t> ids = {5, 9, 9, 9, 9, 9, 9, 5};
  const Positions positions =
      mrope_positions(ids, 9, std::vector<PictureGrid>{{.frames = 1, .rows = 4, .columns = 6}}, 2);
  const at::Tensor expected = at::tensor({0, 1, 1, 1, 1, 1, 1, 4,  //
                                          0, 1, 1, 1, 2, 2, 2, 4,  //
                                          0, 1, 2, 3, 1, 2, 3, 4})
                                  .view({3, 8});
  EXPECT_TRUE(at::equal(positions.values, expected.to(at::kLong)));
  EXPECT_EQ(positions.next, 5);
}

TEST(Windows, AreSmallerAtTheBorders) {
  // 3 x 5 cells in windows of 2: 2x2, 2x2, 2x1 above, 1x2, 1x2, 1x1 below
  const WindowPlan plan = plan_windows(std::vector<PictureGrid>{{.frames = 1, .rows = 6, .columns = 10}}, 2, 2);
  EXPECT_THAT(plan.windows, testing::ElementsAre(4, 4, 2, 2, 2, 1));
  EXPECT_THAT(plan.cells, testing::ElementsAre(0, 1, 5, 6, 2, 3, 7, 8, 4, 9, 10, 11, 12, 13, 14));
  EXPECT_THAT(plan.frames, testing::ElementsAre(15));
}

}  // namespace
}  // namespace r1v

// Whole quantisations of a tiny network, and the searches on cases that can be followed by hand.
#include "recipes/quantize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/error.h"
#include "io/packed_integers.h"
#include "io/safetensors.h"
#include "models/golden_network.h"
#include "models/open_checkpoint.h"
#include "models/registry.h"
#include "models/value_head.h"
#include "recipes/awq_search.h"
#include "recipes/quantize_parts.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

TEST(LinearKind, KnowsTheLayersOfALanguageModelOnly) {
  EXPECT_EQ(linear_kind("model.layers.0.self_attn.q_proj.weight"), "self_attn.q_proj");
  EXPECT_EQ(linear_kind("language_model.model.layers.63.mlp.down_proj.weight"), "mlp.down_proj");
  EXPECT_EQ(linear_kind("model.language_model.layers.7.mlp.up_proj.weight"), "mlp.up_proj");
  for (const char* other : {"model.layers.0.self_attn.q_proj.bias", "visual.blocks.0.mlp.down_proj.weight",
                            "vision_model.encoder.layers.0.mlp.fc1.weight", "lm_head.weight", "mlp1.1.weight",
                            "model.layers.x.mlp.up_proj.weight", "model.layers.0.input_layernorm.weight"}) {
    EXPECT_EQ(linear_kind(other), "") << other;
  }
}

TEST(PlainModule, NamesTowersAndBridgesButNeverTheWholeModel) {
  EXPECT_EQ(plain_module("vision_model.encoder.layers.0.attn.qkv"), "vision_model");
  EXPECT_EQ(plain_module("mlp1.1"), "mlp1");
  EXPECT_EQ(plain_module("visual.blocks.0.mlp.up_proj"), "visual");
  EXPECT_EQ(plain_module("model.visual.merger.mlp.0"), "visual");  // newer uploads
  EXPECT_EQ(plain_module("language_model.model.layers.3.mlp.down_proj"), "language_model.model.layers.3.mlp.down_proj");
}

TEST(WeightChange, MultipliesInputsDividesOutputsAndCuts) {
  const at::Tensor weight = at::tensor({1.0f, 2.0f, 3.0f, 4.0f}).view({2, 2});
  const WeightChange change{.times_I = at::tensor({2.0f, 1.0f}), .over_O = at::tensor({1.0f, 2.0f})};
  // [1 * 2, 2 * 1] / 1, [3 * 2, 4 * 1] / 2
  EXPECT_TRUE(at::equal(changed(weight, change), at::tensor({2.0f, 2.0f, 3.0f, 2.0f}).view({2, 2})));
  EXPECT_TRUE(at::equal(changed(at::tensor({4.0f, 4.0f}), {.over_O = change.over_O}), at::tensor({4.0f, 2.0f})));
  const WeightChange cut{.low_OG = at::full({2, 1}, 1.5f), .high_OG = at::full({2, 1}, 3.5f)};
  EXPECT_TRUE(at::equal(changed(weight, cut), at::tensor({1.5f, 2.0f, 3.0f, 3.5f}).view({2, 2})));
}

TEST(AwqSearch, ScalesNothingWhenAllInputsMatterAlike) {
  const at::Tensor weight = golden_numbers("weight", {16, 32});
  const LayerInputs inputs{.mean_abs_I = at::full({32}, 3.0), .rows_NI = golden_numbers("rows", {64, 32})};
  const at::Tensor scales = search_scales(std::vector<at::Tensor>{weight}, inputs, 32);
  EXPECT_TRUE(at::allclose(scales, at::ones({32})));  // every alpha gives equal scales, divided by themselves
}

TEST(AwqSearch, MakesTheLoudInputLargeAndTheOutputsBetter) {
  const at::Tensor weight = golden_numbers("weight", {16, 32});
  at::Tensor rows = golden_numbers("rows", {64, 32});
  rows.select(1, 5).mul_(50);  // one input fifty times as loud
  const LayerInputs inputs{.mean_abs_I = rows.abs().mean(0), .rows_NI = rows};
  const at::Tensor scales = search_scales(std::vector<at::Tensor>{weight}, inputs, 32);
  EXPECT_EQ(scales.argmax().item<int64_t>(), 5);
  const auto error = [&](const at::Tensor& scale_I) {
    const IntegerGroups groups = quantise_groups(weight * scale_I, 32, 4);
    return at::matmul(rows, (dequantise(groups) / scale_I - weight).t()).norm().item<double>();
  };
  EXPECT_LT(error(scales), 0.5 * error(at::ones({32})));
}

TEST(AwqSearch, CutsAnOutlierThatNoInputFeels) {
  // 31 weights of up to 1 and one of 16 whose input is almost silent: cutting it makes the steps of the others finer
  at::Tensor weight = golden_numbers("weight", {8, 32});
  weight.select(1, 0).fill_(16);
  at::Tensor rows = golden_numbers("rows", {256, 32});
  rows.select(1, 0).mul_(1e-3);
  const WeightChange cut = search_clip(weight, rows, 32);
  EXPECT_LE(cut.high_OG.max().item<double>(), 12);  // every row gives up a quarter of its range, or more
}

class TinyModel : public testing::Test {
 protected:
  void SetUp() override { copy_golden_model(model()); }

  fs::path model() const { return folder_.path() / "model"; }

  QuantizeOptions options(const std::string& to) const {
    QuantizeOptions options;
    options.model = model();
    options.out = folder_.path() / to;
    options.to = to;
    options.group_size = 32;
    options.dtype = "float32";
    return options;
  }

  std::string refusal(const QuantizeOptions& options) const {
    try {
      quantize(options);
    } catch (const InputError& error) {
      return error.what();
    }
    return "was accepted";
  }

  TemporaryFolder folder_;
};

TEST_F(TinyModel, EveryQuantisedWeightIsWithinAStepAndEverythingElseIsKept) {
  for (const char* to : {"int8", "int4"}) {
    const QuantizeReport report = quantize(options(to));
    const auto before = open_checkpoint(model()), after = open_checkpoint(folder_.path() / to);
    ASSERT_EQ(before->names(), after->names());
    int64_t num_quantised = 0;
    for (const std::string& name : before->names()) {
      const at::Tensor was = before->tensor(name), is = after->tensor(name);
      const bool quantised = after->stored(name).form != before->stored(name).form;
      num_quantised += quantised ? 1 : 0;
      if (!quantised) {
        EXPECT_TRUE(at::equal(was, is)) << name;
        continue;
      }
      // weights of up to 0.5: rows of int8 have steps of at most 0.5 / 127, groups of int4 1 / 15; a step for an end of
      // a group that the rounded zero point leaves out of reach
      const double step = std::string(to) == "int8" ? 0.5 / 127 * 0.51 : 1.0 / 15 * 1.01;
      EXPECT_LE((was - is).abs().max().item<double>(), step) << name;
    }
    int64_t num_reported = 0;
    for (const QuantizedKind& kind : report.kinds) num_reported += kind.kind == kKept ? 0 : kind.count;
    EXPECT_EQ(num_reported, num_quantised);
    EXPECT_GT(num_quantised, 0);
  }
}

TEST_F(TinyModel, ARewardModelKeepsItsHead) {
  ValueHead head(32);
  head.walk([](const std::string& name, at::Tensor& slot) { slot = golden_numbers(name, slot.sizes()); });
  save_value_head(head, model());
  quantize(options("int8"));
  EXPECT_EQ(read_file(model() / "value_head.safetensors"), read_file(folder_.path() / "int8/value_head.safetensors"));
}

TEST_F(TinyModel, AStopLeavesNothingBehindWheneverItComes) {
  for (const std::string to : {"int8", "gguf"}) {
    for (const int after : {0, 1, 2}) {
      int asked = 0;
      EXPECT_THROW(quantize(options(to), [&] { return asked++ >= after; }), Stopped);
      for (const auto& entry : fs::directory_iterator(folder_.path())) EXPECT_EQ(entry.path(), model());
    }
  }
}

TEST_F(TinyModel, ReadsWhatIsQuantisedAlready) {
  quantize(options("int4"));
  QuantizeOptions again = options("int8");
  again.model = folder_.path() / "int4";
  again.out = folder_.path() / "again/";  // a slash changes nothing
  quantize(again);
  const std::string name = "language_model.model.layers.0.mlp.up_proj.weight";
  const auto once = open_checkpoint(again.model), twice = open_checkpoint(folder_.path() / "again");
  EXPECT_EQ(twice->stored(name).form, "packed int8 by row");
  EXPECT_LE((once->tensor(name) - twice->tensor(name)).abs().max().item<double>(), 0.6 / 127 * 0.51);
}

TEST_F(TinyModel, CalibrationKeepsTheNetworkWhatItIs) {
  // Without rounding, folded scales cancel: the changes alone must leave the network's function alone.
  const auto network = load_model(model(), {.writable = true});
  const SampleData data{.file = model() / "data.jsonl", .max_samples = 4};
  const double before = nats_per_token(*network, model(), data);
  const CalibrationInputs inputs = collect_inputs(*network, model(), data);
  EXPECT_EQ(inputs.size(), static_cast<size_t>(4 * network->config().language.num_layers));
  const QuantizePlan plan{.to = QuantizeTo::int4, .group_size = 16};
  const WeightChanges changes = awq_changes(*network, inputs, {.plan = plan, .norm_dtype = at::kFloat, .clip = false});
  EXPECT_FALSE(changes.empty());
  network->walk([&](const std::string& name, at::Tensor& parameter) {
    if (changes.contains(name)) parameter = changed(parameter, changes.at(name));
  });
  EXPECT_NEAR(nats_per_token(*network, model(), data), before, 1e-4);
}

TEST_F(TinyModel, RefusesWeightsThatAreNoNumbersAndLeavesNothing) {
  const auto broken = load_model(model(), {.writable = true});
  broken->walk([](const std::string& name, at::Tensor& slot) {
    if (name.ends_with("layers.0.mlp.up_proj.weight")) slot[0][0] = std::numeric_limits<float>::quiet_NaN();
  });
  save_model(*broken, model(), {}, at::kFloat);
  EXPECT_THAT(refusal(options("int8")), testing::HasSubstr("up_proj holds NaN"));
  QuantizeOptions calibrated = options("int4");
  calibrated.calibration = model() / "data.jsonl";
  EXPECT_THAT(refusal(calibrated), testing::HasSubstr("no scale gives a finite error"));
  QuantizeOptions measured = options("int8");
  measured.eval = model() / "data.jsonl";
  EXPECT_THAT(refusal(measured), testing::HasSubstr("not a finite number"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()), 1);  // the model alone
}

TEST_F(TinyModel, RefusesWhatCannotBeAndLeavesNothing) {
  QuantizeOptions wrong = options("int4");
  wrong.group_size = 48;
  EXPECT_THAT(refusal(wrong), testing::HasSubstr("--group-size 48"));
  wrong = options("int3");
  EXPECT_THAT(refusal(wrong), testing::HasSubstr("int3"));
  wrong = options("int8");
  wrong.calibration = model() / "data.jsonl";
  EXPECT_THAT(refusal(wrong), testing::HasSubstr("--calibration"));
  wrong = options("int8");
  wrong.type = "q4_k";
  EXPECT_THAT(refusal(wrong), testing::HasSubstr("--type q4_k"));
  wrong = options("int8");
  wrong.out = model();
  EXPECT_THAT(refusal(wrong), testing::HasSubstr("is there already"));
  wrong = options("int4");
  wrong.eval = folder_.path() / "missing.jsonl";
  EXPECT_THAT(refusal(wrong), testing::HasSubstr("missing.jsonl"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()), 1);  // the model alone
}

}  // namespace
}  // namespace r1v

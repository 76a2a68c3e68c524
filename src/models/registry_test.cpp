// Opening and saving checkpoint folders: what fits is mapped, what does not is listed, what is saved comes back.
#include "models/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "models/golden_network.h"
#include "models/init.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;
using Weights = std::vector<std::pair<std::string, at::Tensor>>;

Weights weights_of(const GoldenNetwork& golden) {
  const SafetensorsFile file(golden.folder.path() / "model.safetensors");
  Weights weights;
  for (const auto& [name, info] : file.tensors()) weights.emplace_back(name, file.tensor(name).clone());
  return weights;
}

/// Loads the golden folder with other weights and returns the refusal.
std::string refusal(const GoldenNetwork& golden, const Weights& weights) {
  write_safetensors(golden.folder.path() / "model.safetensors", weights);
  try {
    load_model(golden.folder.path());
  } catch (const InputError& error) {
    return error.what();
  }
  return "was accepted";
}

TEST(LoadModel, ListsMissingSurplusAndMisshapenTensorsTogether) {
  const GoldenNetwork golden("yarn");
  Weights weights = weights_of(golden);
  std::erase_if(weights, [](const auto& entry) { return entry.first == "model.norm.weight"; });
  weights.emplace_back("model.extra.weight", at::zeros({1}));
  for (auto& [name, tensor] : weights) {
    if (name == "lm_head.weight") tensor = at::zeros({2, 3});
  }
  EXPECT_THAT(
      refusal(golden, weights),
      testing::AllOf(testing::HasSubstr("missing (1): model.norm.weight"), testing::HasSubstr("model.extra.weight"),
                     testing::HasSubstr("lm_head.weight: found [2, 3] float32, expected [96, 32]")));
}

TEST(LoadModel, AcceptsNameVariantsAndBuffersOfOldVersions) {
  const GoldenNetwork golden("tied_packed");
  Weights weights;
  for (auto& [name, tensor] : weights_of(golden)) weights.emplace_back("language_model." + name, tensor);
  weights.emplace_back("language_model.model.layers.0.self_attn.rotary_emb.inv_freq", at::zeros({8}));
  weights.emplace_back("language_model.lm_head.weight", at::zeros({96, 32}));  // tied: a copy
  EXPECT_EQ(refusal(golden, weights), "was accepted");
}

TEST(LoadModel, MapsWeightsOfTheSameDtypeAndOwnsThemWhenTheyWillChange) {
  const GoldenNetwork golden("yarn");
  const auto mapped = load_model(golden.folder.path());
  const auto owned = load_model(golden.folder.path(), {.writable = true});
  owned->walk([](const std::string&, at::Tensor& parameter) { parameter.zero_(); });  // a mapped page would fault
  EXPECT_GT(mapped->head_weight_VD().abs().sum().item<float>(), 0.0f);
}

TEST(SaveModel, GivesBackTheSameWeightsAndKeepsUnknownKeysOfTheConfig) {
  const GoldenNetwork golden("r1v_6b");
  Json config = read_json_file(golden.folder.path() / "config.json");
  config["note"] = "kept";
  write_file_atomic(golden.folder.path() / "config.json", dump_json(config));
  write_file_atomic(golden.folder.path() / "tokenizer_config.json", "{}");
  const auto model = load_model(golden.folder.path());
  const TemporaryFolder copy;
  save_model(*model, copy.path(), golden.folder.path(), at::kFloat);
  EXPECT_TRUE(fs::exists(copy.path() / "tokenizer_config.json"));
  EXPECT_EQ(read_json_file(copy.path() / "config.json").at("note"), "kept");
  const auto again = load_model(copy.path());
  const auto first = model->named_parameters(), second = again->named_parameters();
  ASSERT_EQ(first.size(), second.size());
  for (size_t i = 0; i < first.size(); ++i)
    EXPECT_TRUE(at::equal(*first[i].second, *second[i].second)) << first[i].first;
}

TEST(Initialize, IsTheSameForTheSameSeed) {
  const GoldenNetwork golden("internvl_300m");
  const ModelConfig config = read_model_config(golden.folder.path());
  const auto a = new_model(config, 1), b = new_model(config, 1), c = new_model(config, 2);
  EXPECT_TRUE(at::equal(a->head_weight_VD(), b->head_weight_VD()));
  EXPECT_FALSE(at::equal(a->head_weight_VD(), c->head_weight_VD()));
}

TEST(Embed, RefusesPicturesAndImageTokensThatDiffer) {
  const GoldenNetwork golden("r1v_6b");
  const auto model = load_model(golden.folder.path());
  const at::Tensor ids = at::tensor(std::vector<int64_t>{1, kGoldenImageToken, kGoldenImageToken});
  EXPECT_THROW(model->embed(ids, at::zeros({3, 32}), kGoldenImageToken), InputError);
  EXPECT_THROW(model->embed(ids, {}, kGoldenImageToken), InputError);
  EXPECT_THROW(model->embed(at::tensor(std::vector<int64_t>{96}), {}, -1), InputError);  // rows 0..95
  EXPECT_EQ(model->embed(ids, at::zeros({2, 32}), kGoldenImageToken).size(0), 3);
}

}  // namespace
}  // namespace r1v

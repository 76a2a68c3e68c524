// config.json and generation_config.json: variants that are read, values that are refused.
#include "models/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "models/golden_network.h"

namespace r1v {
namespace {

Json language() {
  return {{"architectures", {"Qwen2ForCausalLM"}},
          {"model_type", "qwen2"},
          {"hidden_size", 32},
          {"num_hidden_layers", 2},
          {"num_attention_heads", 4},
          {"num_key_value_heads", 2},
          {"intermediate_size", 48},
          {"vocab_size", 96}};
}

Json joint() {
  return {{"architectures", {"SkyworkR1VChatModel"}},
          {"model_type", "skywork_chat"},
          {"ps_version", "v2"},
          {"force_image_size", 448},
          {"llm_config", language()},
          {"vision_config",
           {{"num_hidden_layers", 2}, {"image_size", 448}, {"hidden_size", 64}, {"num_attention_heads", 4}}}};
}

ModelConfig read(const Json& json) {
  const TemporaryFolder folder;
  write_file_atomic(folder.path() / "config.json", dump_json(json));
  return read_model_config(folder.path());
}

/// The message of the InputError that reading throws.
std::string refusal(const Json& json) {
  try {
    read(json);
  } catch (const InputError& error) {
    return error.what();
  }
  return "was accepted";
}

TEST(ModelConfig, CountsTheTokensOfATile) {
  // 448 / 14 = 32 patches a side, halved: 16 x 16 = 256
  EXPECT_EQ(read(joint()).tokens_per_tile(), 256);
  EXPECT_EQ(read(language()).tokens_per_tile(), 0);
}

TEST(ModelConfig, DerivesTheHeadWidthUnlessGiven) {
  Json json = language();
  EXPECT_EQ(read(json).language.head_dim, 8);  // 32 / 4
  json["head_dim"] = 16;
  EXPECT_EQ(read(json).language.head_dim, 16);
}

TEST(ModelConfig, ReadsRopeOfTransformers4And5Alike) {
  Json old = language(), recent = language();
  old["rope_theta"] = 5e5;
  old["rope_scaling"] = {{"type", "yarn"}, {"factor", 4.0}, {"original_max_position_embeddings", 64}};
  recent["rope_parameters"] = {
      {"rope_type", "yarn"}, {"rope_theta", 5e5}, {"factor", 4.0}, {"original_max_position_embeddings", 64}};
  for (const Json& json : {old, recent}) {
    const LanguageConfig config = read(json).language;
    EXPECT_EQ(config.rope_theta, 5e5);
    ASSERT_TRUE(config.yarn.has_value());
    EXPECT_EQ(config.yarn->factor, 4.0);
    EXPECT_EQ(config.yarn->original_max_position, 64);
  }
}

TEST(ModelConfig, AcceptsEveryNameOfTheNetwork) {
  for (const auto& [name, type] : {std::pair{"SkyworkR1VChatModel", "skywork_chat"},
                                   {"SkyworkChatModel", "skywork_chat"},
                                   {"InternVLChatModel", "internvl_chat"},
                                   {"SkyworkR1VChatModel", "internvl_chat"}}) {
    Json json = joint();
    json["architectures"] = {name};
    json["model_type"] = type;
    EXPECT_TRUE(read(json).vision.has_value()) << name;
  }
}

TEST(ModelConfig, RefusesWhatItCannotRunAndNamesTheKey) {
  const auto with = [](const std::string& key, const Json& value) {
    Json json = language();
    json[key] = value;
    return refusal(json);
  };
  EXPECT_THAT(with("hidden_act", "gelu"), testing::HasSubstr("hidden_act"));
  EXPECT_THAT(with("rope_scaling", {{"type", "linear"}, {"factor", 2.0}}), testing::HasSubstr("linear"));
  EXPECT_THAT(with("layer_types", {"full_attention", "sliding_attention"}), testing::HasSubstr("sliding"));
  EXPECT_THAT(with("quantization_config", {{"quant_method", "fp8"}}), testing::HasSubstr("quantization_config"));
  EXPECT_THAT(with("architectures", {"LlamaForCausalLM"}), testing::HasSubstr("LlamaForCausalLM"));
}

TEST(ModelConfig, RefusesPositionsOfThreeAxesWithoutTheTowerThatGivesThem) {
  Json json = joint();
  json["llm_config"]["rope_scaling"] = {{"type", "mrope"}, {"mrope_section", {1, 2, 1}}};  // half of 8
  EXPECT_THAT(refusal(json), testing::HasSubstr("M-RoPE"));
}

TEST(ModelConfig, RefusesHostileNumbers) {
  for (const auto& [key, value] : {std::pair<std::string, Json>{"hidden_size", -1},
                                   {"hidden_size", INT64_MAX},
                                   {"num_hidden_layers", 1'000'000'000},
                                   {"num_attention_heads", 0},
                                   {"num_key_value_heads", 3},
                                   {"head_dim", 7},
                                   {"vocab_size", 0},
                                   {"rms_norm_eps", -1.0},
                                   {"rope_theta", 0.0},
                                   {"hidden_size", "32"},
                                   {"hidden_size", Json()}}) {
    Json json = language();
    json[key] = value;
    EXPECT_THAT(refusal(json), testing::HasSubstr(key)) << dump_json(value);
  }
}

TEST(ModelConfig, IgnoresASlidingWindowThatIsSwitchedOff) {
  Json json = language();  // as QwQ-32B has it
  json["use_sliding_window"] = false;
  json["sliding_window"] = 32768;
  json["max_window_layers"] = 1;
  EXPECT_EQ(read(json).language.num_layers, 2);
  json["use_sliding_window"] = true;
  EXPECT_THAT(refusal(json), testing::HasSubstr("sliding"));
}

TEST(GenerationConfig, ReadsOneOrSeveralEndTokens) {
  const TemporaryFolder folder;
  EXPECT_TRUE(read_generation_config(folder.path()).eos_token_ids.empty());  // no file
  write_file_atomic(folder.path() / "generation_config.json",
                    R"({"eos_token_id": [7, 9], "temperature": 0.6, "top_k": null})");
  const GenerationConfig several = read_generation_config(folder.path());
  EXPECT_EQ(several.eos_token_ids, (std::vector<int64_t>{7, 9}));
  EXPECT_EQ(several.temperature, 0.6);
  EXPECT_FALSE(several.top_k.has_value());
  write_file_atomic(folder.path() / "generation_config.json", R"({"eos_token_id": 7})");
  EXPECT_EQ(read_generation_config(folder.path()).eos_token_ids, std::vector<int64_t>{7});
}

}  // namespace
}  // namespace r1v

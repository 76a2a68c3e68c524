// quantization_config: where it may stand, what is read, what is refused by name.
#include "models/quantization_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace r1v {
namespace {

Json compressed() {
  return {{"quant_method", "compressed-tensors"},
          {"format", "pack-quantized"},
          {"config_groups",
           {{"group_0",
             {{"targets", {"Linear"}},
              {"weights",
               {{"num_bits", 4}, {"type", "int"}, {"symmetric", true}, {"strategy", "group"}, {"group_size", 128}}},
              {"input_activations", nullptr}}}}}};
}

std::string refusal(const Json& quantization) {
  try {
    read_quantization_config({{"quantization_config", quantization}}, "config.json");
  } catch (const InputError& error) {
    return error.what();
  }
  return "was accepted";
}

TEST(QuantizationConfig, IsFoundAtTheTopOrInTheLanguageModel) {
  const Json awq = {{"quant_method", "awq"}, {"bits", 4}, {"group_size", 64}, {"version", "GEMM"}};
  for (const Json& config : {Json{{"quantization_config", awq}}, Json{{"llm_config", {{"quantization_config", awq}}}},
                             Json{{"text_config", {{"quantization_config", awq}}}}}) {
    const auto found = read_quantization_config(config, "config.json");
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->form, QuantizedForm::awq);
    EXPECT_EQ(found->group_size, 64);
    Json erased = config;
    erase_quantization_config(erased);
    EXPECT_FALSE(read_quantization_config(erased, "config.json").has_value());
  }
  EXPECT_FALSE(read_quantization_config({{"quantization_config", nullptr}}, "config.json").has_value());
}

TEST(QuantizationConfig, TellsTheTwoZeroPointsOfGptqApart) {
  const auto less_by_one = [](const Json& extra) {
    Json gptq = {{"quant_method", "gptq"}, {"bits", 4}, {"group_size", -1}};
    gptq.update(extra);
    return read_quantization_config({{"quantization_config", gptq}}, "config.json")->zeros_are_less_by_one;
  };
  EXPECT_TRUE(less_by_one(Json::object()));  // AutoGPTQ before it named its formats
  EXPECT_TRUE(less_by_one({{"checkpoint_format", "gptq"}}));
  EXPECT_FALSE(less_by_one({{"checkpoint_format", "gptq_v2"}}));
}

TEST(QuantizationConfig, RefusesByName) {
  for (const auto& [quantization, name] : std::vector<std::pair<Json, const char*>>{
           {{{"quant_method", "bitsandbytes"}}, "bitsandbytes"},
           {Json::object(), "quant_method"},
           {"awq", "expected an object"},
           {{{"quant_method", "awq"}, {"version", "gemv"}}, "gemv"},
           {{{"quant_method", "awq"}, {"bits", 3}}, "3 bits"},
           {{{"quant_method", "awq"}, {"group_size", 0}}, "group_size 0"},
           {{{"quant_method", "awq"}, {"group_size", -2}}, "group_size"},
           {{{"quant_method", "gptq"}, {"bits", 3}}, "3 bits"},
           {{{"quant_method", "gptq"}}, "bits"},
           {{{"quant_method", "gptq"}, {"bits", 4}, {"checkpoint_format", "marlin"}}, "marlin"},
           {{{"quant_method", "compressed-tensors"}, {"format", "float-quantized"}}, "float-quantized"},
       }) {
    EXPECT_THAT(refusal(quantization), testing::HasSubstr(name));
  }
}

TEST(QuantizationConfig, RefusesCompressedTensorsThatItCannotRead) {
  const auto with = [](const std::string& key, const Json& value) {
    Json config = compressed();
    config["config_groups"]["group_0"]["weights"][key] = value;
    return refusal(config);
  };
  EXPECT_EQ(refusal(compressed()), "was accepted");
  EXPECT_THAT(with("type", "float"), testing::HasSubstr("float"));
  EXPECT_THAT(with("symmetric", false), testing::HasSubstr("symmetric"));
  EXPECT_THAT(with("num_bits", 3), testing::HasSubstr("3 bits"));
  EXPECT_THAT(with("strategy", "block"), testing::HasSubstr("block"));
  EXPECT_THAT(with("group_size", 0), testing::HasSubstr("group_size"));
  Json activations = compressed(), two = compressed();
  activations["config_groups"]["group_0"]["input_activations"] = {{"num_bits", 8}};
  EXPECT_THAT(refusal(activations), testing::HasSubstr("input_activations"));
  two["config_groups"]["group_1"] = two["config_groups"]["group_0"];
  EXPECT_THAT(refusal(two), testing::HasSubstr("2 groups"));
}

}  // namespace
}  // namespace r1v

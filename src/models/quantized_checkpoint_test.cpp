// Quantised folders: weights equal the formats' definitions bit for bit, logits equal transformers', broken ones stop.
#include "models/quantized_checkpoint.h"

#include <ATen/core/grad_mode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/error.h"
#include "models/golden_quantized.h"
#include "models/open_checkpoint.h"
#include "models/registry.h"
#include "models/weight_reader.h"
#include "nn/token_plan.h"

namespace r1v {
namespace {

const std::string kUp = "model.layers.0.mlp.up_proj";      // 64 outputs, 32 inputs
const std::string kDown = "model.layers.0.mlp.down_proj";  // 32 outputs, 64 inputs: two groups of 32

/// checksum() of make_quantized.py: the sum of (position + 1) * bits.
int64_t checksum(const at::Tensor& weight) {
  const at::Tensor bits = weight.contiguous().flatten().view(at::kInt).to(at::kLong);
  return (bits * at::arange(1, bits.numel() + 1)).sum().item<int64_t>();
}

class Quantized : public testing::TestWithParam<const char*> {};

TEST_P(Quantized, WeightsEqualTheDefinitionBitForBit) {
  const GoldenQuantized golden(GetParam());
  const auto checkpoint = open_checkpoint(golden.folder.path());
  const Json names = parse_json(golden.file.metadata().at("checksum_names"), "checksum_names");
  ASSERT_EQ(names.size(), 7u);  // q, k, v, o, gate, up, down
  const at::Tensor checksums = golden.file.tensor("checksums");
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string name = names[i];
    const at::Tensor weight = checkpoint->tensor(name);
    EXPECT_EQ(weight.scalar_type(), at::kFloat);
    EXPECT_EQ(at::IntArrayRef(checkpoint->stored(name).shape), weight.sizes()) << name;
    EXPECT_EQ(checksum(weight), checksums[static_cast<int64_t>(i)].item<int64_t>()) << name;
    const std::string expected = "expected." + name;
    if (golden.file.tensors().contains(expected)) {
      EXPECT_TRUE(at::equal(weight, golden.file.tensor(expected))) << name;
    }
  }
}

TEST_P(Quantized, PackedMatricesHoldTheSameNumbers) {
  const GoldenQuantized golden(GetParam());
  const std::shared_ptr<const TensorSource> checkpoint = open_checkpoint(golden.folder.path());
  R1vModel model(read_model_config(golden.folder.path()));
  const CheckpointMatch match = match_checkpoint(model, *checkpoint);
  const WeightReader reader(checkpoint, match);
  for (const std::string& name : {kDown + ".weight", std::string("model.layers.0.self_attn.o_proj.weight")}) {
    const PackedWeight packed = reader.matrix(name, WeightFormat::float32);
    const bool is_integer = packed.format() == WeightFormat::int8 || packed.format() == WeightFormat::int4;
    EXPECT_EQ(is_integer, checkpoint->integers(name).has_value()) << name;
    EXPECT_TRUE(at::equal(packed.unpack(), checkpoint->tensor(name))) << name;
  }
}

TEST_P(Quantized, LogitsMatchTransformersWithTheDequantisedWeights) {
  const at::NoGradGuard no_grad;
  const GoldenQuantized golden(GetParam());
  const auto model = load_model(golden.folder.path());
  const at::Tensor ids = golden.file.tensor("input_ids");
  const at::Tensor hidden = model->hidden(model->embed(ids, {}, /*image_token_id=*/-1), packed_plan({ids.numel()}));
  const double worst = (model->logits(hidden) - golden.file.tensor("logits")).abs().max().item<double>();
  std::printf("    logits: max |difference| %.1e\n", worst);
  EXPECT_LE(worst, 1e-4);
}

TEST_P(Quantized, AppearsUnderPlainNamesAndIsSavedPlain) {
  const GoldenQuantized golden(GetParam());
  const auto checkpoint = open_checkpoint(golden.folder.path());
  const std::vector<std::string> names = checkpoint->names();
  EXPECT_EQ(names.size(), 15u);  // embeddings, 7 weights, 3 biases, 2 norms of the layer, the last norm, the head
  for (const std::string& name : names) EXPECT_TRUE(checkpoint->has(name)) << name;
  EXPECT_FALSE(checkpoint->has(kUp + ".qweight"));
  int64_t bytes = 0, stored_bytes = 0;
  for (const std::string& name : names) bytes += checkpoint->stored(name).bytes;
  for (const auto& [name, tensor] : golden.tensors) stored_bytes += static_cast<int64_t>(tensor.nbytes());
  EXPECT_EQ(bytes, stored_bytes);
  const TemporaryFolder plain;
  save_model(*load_model(golden.folder.path()), plain.path(), {}, at::kFloat);
  EXPECT_FALSE(read_json_file(plain.path() / "config.json").contains("quantization_config"));
  EXPECT_TRUE(at::equal(open_checkpoint(plain.path())->tensor(kUp + ".weight"), checkpoint->tensor(kUp + ".weight")));
}

INSTANTIATE_TEST_SUITE_P(Forms, Quantized,
                         testing::Values("awq", "gptq_v1", "gptq_v2_desc_act", "gptq_int8", "int_quantized",
                                         "packed_int8", "packed_int4"),
                         [](const auto& form) { return std::string(form.param); });

TEST(QuantizedForms, AreNamed) {
  const auto form = [](const char* name) {
    const GoldenQuantized golden(name);
    return open_checkpoint(golden.folder.path())->stored(kUp + ".weight").form;
  };
  EXPECT_EQ(form("awq"), "awq int4 g32");
  EXPECT_EQ(form("gptq_int8"), "gptq int8 by row");
  EXPECT_EQ(form("int_quantized"), "int8 by row");
}

/// The message with which the whole folder is refused after `spoil` changed it.
std::string refusal(const char* form, const std::function<void(GoldenQuantized&)>& spoil) {
  GoldenQuantized golden(form);
  spoil(golden);
  golden.write();
  try {
    load_model(golden.folder.path());
  } catch (const InputError& error) {
    return error.what();
  }
  return "was accepted";
}

/// Replaces one tensor by another of the same type.
std::string refusal_of(const char* form, const std::string& name, const std::function<at::Tensor(at::Tensor)>& change) {
  return refusal(
      form, [&](GoldenQuantized& golden) { golden.tensor(name) = change(golden.tensor(name).clone()).contiguous(); });
}

TEST(BrokenQuantized, NamesTheTensorWhoseShapeOrTypeIsWrong) {
  const auto without_row = [](const at::Tensor& x) { return x.narrow(0, 1, x.size(0) - 1); };
  const auto without_column = [](const at::Tensor& x) { return x.narrow(1, 1, x.size(1) - 1); };
  const auto as_long = [](const at::Tensor& x) { return x.to(at::kLong); };
  for (const auto& [form, part, change] :
       std::vector<std::tuple<const char*, const char*, std::function<at::Tensor(at::Tensor)>>>{
           {"awq", "scales", without_row},
           {"awq", "qzeros", without_column},
           {"awq", "qweight", as_long},
           {"gptq_v1", "scales", without_column},
           {"gptq_v1", "qzeros", without_row},
           {"gptq_v1", "g_idx", without_row},
           {"gptq_v1", "g_idx", as_long},
           {"int_quantized", "weight_scale", without_row},
           {"packed_int4", "weight_scale", without_column},
           {"packed_int4", "weight_shape", without_row},
       }) {
    const std::string message = refusal_of(form, kDown + "." + part, change);
    EXPECT_THAT(message, testing::HasSubstr(kDown)) << form;
    EXPECT_THAT(message, testing::HasSubstr(cat(part, " is "))) << form;
  }
  // the rows of qweight give the number of inputs: 63 inputs are no groups of 32, and no inputs are no matrix
  EXPECT_THAT(refusal_of("awq", kDown + ".qweight", without_row), testing::HasSubstr("not a multiple"));
  EXPECT_THAT(refusal_of("awq", kDown + ".qweight", [](const at::Tensor& x) { return x.narrow(0, 0, 0); }),
              testing::HasSubstr("above zero"));
  EXPECT_THAT(refusal_of("packed_int4", kDown + ".weight_shape", [](const at::Tensor& x) { return x + 64; }),
              testing::HasSubstr("weight_shape says"));
}

TEST(BrokenQuantized, RefusesValuesThatMeanNothing) {
  const auto with_nan = [](const at::Tensor& x) {
    return x.flatten()
        .index_fill(0, at::full({1}, 3, at::kLong), std::numeric_limits<double>::quiet_NaN())
        .view(x.sizes());
  };
  for (const auto& [form, part] : {std::pair{"awq", ".scales"},
                                   {"gptq_v1", ".scales"},
                                   {"int_quantized", ".weight_scale"},
                                   {"packed_int4", ".weight_scale"}}) {
    EXPECT_THAT(refusal_of(form, kUp + part, with_nan), testing::HasSubstr("NaN")) << form;
  }
  for (const int64_t group : {-1, 2, 1 << 30}) {  // down_proj has the groups 0 and 1
    const auto change = [&](const at::Tensor& x) { return x.index_fill(0, at::full({1}, 5, at::kLong), group); };
    EXPECT_THAT(refusal_of("gptq_v2_desc_act", kDown + ".g_idx", change), testing::HasSubstr("g_idx holds the group"));
  }
}

TEST(BrokenQuantized, RefusesLayersThatAreThereTwiceOrInPart) {
  const auto with_plain = [](GoldenQuantized& golden) {
    golden.tensors.emplace_back(kUp + ".weight", at::zeros({64, 32}));
  };
  EXPECT_THAT(refusal("awq", with_plain), testing::HasSubstr("twice"));
  const auto without_scales = [](GoldenQuantized& golden) {
    std::erase_if(golden.tensors, [](const auto& entry) { return entry.first == kUp + ".scales"; });
  };
  EXPECT_THAT(refusal("awq", without_scales), testing::HasSubstr("\"scales\" is missing"));
  const auto as_gptq = [](GoldenQuantized& golden) {
    golden.config["quantization_config"] = {{"quant_method", "gptq"}, {"bits", 4}, {"group_size", 32}};
  };
  EXPECT_THAT(refusal("awq", as_gptq), testing::HasSubstr("4 output features"));
  const auto as_packed = [](GoldenQuantized& golden) {
    golden.config["quantization_config"] = GoldenQuantized("packed_int4").config["quantization_config"];
  };
  EXPECT_THAT(refusal("awq", as_packed), testing::HasSubstr("no tensor is called *.weight_packed"));
}

}  // namespace
}  // namespace r1v

// GGUF files as checkpoints: logits against transformers, names, configurations, and what export writes.
#include "io/gguf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "kernels/packed_weight.h"
#include "models/gguf_checkpoint.h"
#include "models/gguf_config.h"
#include "models/gguf_export.h"
#include "models/gguf_names.h"
#include "models/golden_network.h"
#include "models/open_checkpoint.h"
#include "models/registry.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

fs::path golden(const std::string& name) { return fs::path(R1V_SOURCE_DIR) / "tests/golden" / name; }

at::Tensor logits_of(const R1vModel& model, const at::Tensor& ids_T) {
  return model.logits(model.hidden(model.embed(ids_T, {}, -1), packed_plan({ids_T.size(0)})));
}

// Both architectures, all block types, narrow heads, tied and own head; the reference is transformers' own reader.
TEST(GgufModel, LogitsAreThoseOfTransformers) {
  const SafetensorsFile expected(golden("gguf_logits.safetensors"));
  for (const std::string name : {"qwen2", "llama"}) {
    const auto model = load_model(golden("gguf_" + name + ".gguf"));
    const at::Tensor wanted_TV = expected.tensor(name + ".logits");
    const at::Tensor found_TV = logits_of(*model, expected.tensor(name + ".ids"));
    ASSERT_EQ(found_TV.sizes(), wanted_TV.sizes()) << name;
    EXPECT_LT((found_TV - wanted_TV).abs().max().item<double>(), 1e-5 * wanted_TV.abs().max().item<double>()) << name;
  }
}

TEST(GgufModel, IntegersMeanTheSameNumbers) {
  int64_t matrices = 0;
  for (const std::string name : {"qwen2", "llama"}) {
    const GgufCheckpoint checkpoint(golden("gguf_" + name + ".gguf"));
    for (const std::string& tensor : checkpoint.names()) {
      const std::optional<IntegerRows> integers = checkpoint.integer_rows(tensor);
      if (!integers) continue;
      ++matrices;
      EXPECT_TRUE(at::equal(PackedWeight(*integers).unpack(), checkpoint.tensor(tensor))) << tensor;
    }
  }
  EXPECT_GT(matrices, 3);
}

TEST(GgufModel, SomeRowsAreThoseOfTheWholeMatrix) {
  const at::Tensor some = at::tensor({5, 0, 31, 5});
  for (const std::string name : {"qwen2", "llama"}) {
    const GgufCheckpoint checkpoint(golden("gguf_" + name + ".gguf"));
    for (const std::string& tensor : checkpoint.names()) {
      const at::Tensor whole = checkpoint.tensor(tensor);
      if (whole.dim() != 2) continue;
      EXPECT_TRUE(at::equal(checkpoint.rows(tensor, some), whole.index_select(0, some))) << tensor;
    }
  }
}

TEST(GgufModel, RowsThatAreReadInOrderAreThoseOfTheWholeMatrix) {
  for (const std::string name : {"qwen2", "llama"}) {
    const GgufCheckpoint checkpoint(golden("gguf_" + name + ".gguf"));
    for (const std::string& tensor : checkpoint.names()) {
      const at::Tensor whole = checkpoint.tensor(tensor);
      if (whole.dim() != 2) continue;
      const FloatRows rows = checkpoint.float_rows(tensor);
      EXPECT_EQ((std::vector{rows.outputs, rows.inputs}), whole.sizes().vec()) << tensor;
      EXPECT_TRUE(at::equal(rows.read(3, 20), whole.narrow(0, 3, 20))) << tensor;
    }
  }
}

TEST(GgufModel, ALlamasTensorsHaveHuggingFaceNamesAndZeroBiases) {
  const GgufCheckpoint checkpoint(golden("gguf_llama.gguf"));
  EXPECT_TRUE(checkpoint.has("model.layers.0.post_attention_layernorm.weight"));
  EXPECT_FALSE(checkpoint.has("lm_head.weight"));  // tied
  EXPECT_EQ(checkpoint.stored("model.embed_tokens.weight").form, "Q4_K");
  EXPECT_EQ(checkpoint.stored("model.layers.0.self_attn.k_proj.bias").form, "zeros");
  EXPECT_EQ(checkpoint.tensor("model.layers.0.self_attn.k_proj.bias").count_nonzero().item<int64_t>(), 0);
  EXPECT_THROW(checkpoint.tensor("model.layers.9.self_attn.k_proj.bias"), InputError);
}

TEST(GgufModel, NamesGoThereAndBack) {
  EXPECT_EQ(hugging_face_name("blk.12.attn_output.weight"), "model.layers.12.self_attn.o_proj.weight");
  EXPECT_EQ(gguf_name("model.layers.12.self_attn.o_proj.weight"), "blk.12.attn_output.weight");
  EXPECT_EQ(gguf_name("lm_head.weight"), "output.weight");
  EXPECT_EQ(gguf_name("vision_model.embeddings.class_embedding"), "");
  EXPECT_EQ(hugging_face_name("blk.0.ffn_gate_exps.weight"), "blk.0.ffn_gate_exps.weight");
}

// The metadata of a complete tiny model plus what a test adds.
struct GgufConfigs : testing::Test {
  GgufFile with(const std::function<void(GgufMetadata&)>& add, const std::string& skipped = "",
                const std::vector<GgufTensorToWrite>& more = {}) const {
    const GgufFile source(golden("gguf_qwen2.gguf"));
    GgufMetadata metadata;
    for (const auto& [key, value] : source.metadata()) {
      if (key != skipped) metadata.add(key, value);
    }
    add(metadata);
    std::vector<GgufTensorToWrite> tensors = {{"token_embd.weight", GgmlType::f32, {288, 64}, [](auto) {}}};
    tensors.insert(tensors.end(), more.begin(), more.end());
    write_gguf(folder.path() / "a.gguf", metadata, tensors);
    return GgufFile(folder.path() / "a.gguf");
  }
  TemporaryFolder folder;
};

TEST_F(GgufConfigs, YarnIsReadAndItsAttentionFactorTakenAsAFactorOnTop) {
  const Json config = gguf_config(with([](GgufMetadata& metadata) {
    metadata.add_text("qwen2.rope.scaling.type", "yarn");
    metadata.add_f32("qwen2.rope.scaling.factor", 4.0F);
    metadata.add_u32("qwen2.rope.scaling.original_context_length", 128);
    metadata.add_f32("qwen2.rope.scaling.attn_factor", 1.0F);
  }));
  EXPECT_EQ(config["rope_scaling"]["rope_type"], "yarn");
  EXPECT_EQ(config["rope_scaling"]["factor"], 4.0);
  EXPECT_EQ(config["rope_scaling"]["original_max_position_embeddings"], 128);
  EXPECT_NEAR(config["rope_scaling"]["attention_factor"].get<double>(), 1.13863, 1e-5);  // 0.1 ln 4 + 1
}

TEST_F(GgufConfigs, WhatTheNetworkCannotDoIsRefused) {
  const auto refuses = [&](const std::function<void(GgufMetadata&)>& add, const std::string& skipped = "",
                           const std::vector<GgufTensorToWrite>& more = {}) {
    EXPECT_THROW(gguf_config(with(add, skipped, more)), InputError);
  };
  const auto nothing = [](GgufMetadata&) {};
  EXPECT_NO_THROW(gguf_config(with(nothing)));
  refuses([](GgufMetadata& m) { m.add_text("qwen2.rope.scaling.type", "longrope"); });
  refuses([](GgufMetadata& m) { m.add_u32("qwen2.expert_count", 8); });
  refuses([](GgufMetadata& m) { m.add_u32("qwen2.attention.sliding_window", 64); });
  refuses([](GgufMetadata& m) { m.add_u32("qwen2.rope.dimension_count", 8); });  // heads are 16 wide
  refuses([](GgufMetadata& m) { m.add_text("general.architecture", "gemma"); }, "general.architecture");
  refuses(nothing, "qwen2.block_count");
  refuses(nothing, "", {{"rope_freqs.weight", GgmlType::f32, {8}, [](auto) {}}});
}

TEST(GgufExport, EveryTypeHoldsTheWeightsInThatTypeAndTheTokenizer) {
  const TemporaryFolder folder;
  const fs::path model = fs::path(R1V_SOURCE_DIR) / "models/r1v-mini";
  const auto source = open_checkpoint(model);
  const std::string name = "model.layers.0.mlp.down_proj.weight";
  const at::Tensor weight = source->tensor("language_model." + name).to(at::kFloat).contiguous();
  for (const std::string type : {"f16", "bf16", "q8_0", "q4_0", "q4_1"}) {
    const fs::path path = folder.path() / (type + ".gguf");
    export_gguf(model, type, path);
    const GgufCheckpoint written(path);
    at::Tensor expected = at::empty_like(weight);
    const std::span values(weight.const_data_ptr<float>(), static_cast<size_t>(weight.numel()));
    const GgmlLayout& layout = ggml_layout(ggml_type_to_write(type));
    std::vector<std::byte> blocks(values.size() / static_cast<size_t>(layout.elements) *
                                  static_cast<size_t>(layout.bytes));
    quantize_blocks(ggml_type_to_write(type), values, blocks);
    dequantize_blocks(ggml_type_to_write(type), blocks, {expected.mutable_data_ptr<float>(), values.size()});
    EXPECT_TRUE(at::equal(written.tensor(name).to(at::kFloat), expected)) << type;
    EXPECT_EQ(written.stored("model.norm.weight").form, "F32") << type;
    EXPECT_EQ(load_model(path)->config().language.num_layers, read_model_config(model).language.num_layers);
  }
  const GgufFile file(folder.path() / "q8_0.gguf");
  EXPECT_EQ(file.text("tokenizer.ggml.pre"), "qwen2");
  EXPECT_EQ(file.text("tokenizer.chat_template"), read_file(model / "chat_template.jinja"));
  EXPECT_EQ(gguf_eos_ids(file), read_generation_config(model).eos_token_ids);
  EXPECT_EQ(file.texts("tokenizer.ggml.tokens").size(), 1024U);  // rows of the embeddings
}

TEST(GgufExport, ALlamaExportedAsFloatKeepsItsLogits) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "again.gguf";
  export_gguf(golden("gguf_llama.gguf"), "f32", path);
  const SafetensorsFile expected(golden("gguf_logits.safetensors"));
  const at::Tensor wanted_TV = expected.tensor("llama.logits");
  const at::Tensor found_TV = logits_of(*load_model(path), expected.tensor("llama.ids"));
  EXPECT_LT((found_TV - wanted_TV).abs().max().item<double>(), 1e-5 * wanted_TV.abs().max().item<double>());
}

TEST(GgufExport, RowsThatAreNoWholeBlocksBecomeTheNextBetterType) {
  const TemporaryFolder folder;
  export_gguf(golden("gguf_llama.gguf"), "q4_k", folder.path() / "a.gguf");
  const GgufCheckpoint written(folder.path() / "a.gguf");
  EXPECT_EQ(written.stored("model.layers.0.self_attn.q_proj.weight").form, "Q4_K");  // rows of 256
  EXPECT_EQ(written.stored("model.layers.0.self_attn.o_proj.weight").form, "Q5_0");  // of 64
  EXPECT_EQ(written.stored("model.layers.0.mlp.down_proj.weight").form, "Q5_0");     // of 32
}

TEST(GgufExport, UnknownTypesAreRefusedBeforeAnythingIsWritten) {
  const TemporaryFolder folder;
  EXPECT_THROW(export_gguf(golden("gguf_llama.gguf"), "q3_k", folder.path() / "a.gguf"), InputError);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace r1v

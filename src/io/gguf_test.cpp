// Reading a file of the reference writer, and reading back what we write.
#include "io/gguf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <limits>

#include "base/error.h"
#include "io/gguf_pretokenizers.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

fs::path golden(const char* name) { return fs::path(R1V_SOURCE_DIR) / "tests/golden" / name; }

struct Gguf : testing::Test {
  fs::path path = fs::temp_directory_path() / cat("r1v_gguf.", ::getpid(), ".gguf");
  void TearDown() override { fs::remove(path); }
};

TEST_F(Gguf, ReadsTheReferenceWritersMetadata) {
  const GgufFile file(golden("gguf_llama.gguf"));
  EXPECT_EQ(file.text("general.architecture"), "llama");
  EXPECT_EQ(file.integer("llama.embedding_length"), 256);
  EXPECT_EQ(file.number("llama.rope.freq_base"), 20000.0);
  EXPECT_EQ(file.texts("tokenizer.ggml.tokens").size(), 288U);
  EXPECT_EQ(file.texts("tokenizer.ggml.merges")[1], "\xC4\xA0 t");
  EXPECT_EQ(file.integers("tokenizer.ggml.token_type").size(), 288U);
  EXPECT_EQ(file.text_or("general.nothing", "none"), "none");
  const GgufTensor& embedding = file.tensors().at("token_embd.weight");
  EXPECT_EQ(embedding.type, GgmlType::q4_k);
  EXPECT_EQ(embedding.shape, (std::vector<int64_t>{288, 256}));
  EXPECT_EQ(embedding.bytes.size(), 288U * 144);  // one block of 144 bytes a row
}

TEST_F(Gguf, WrongTypesAreNamed) {
  const GgufFile file(golden("gguf_llama.gguf"));
  EXPECT_THROW(file.integer("general.architecture"), InputError);
  EXPECT_THROW(file.text("llama.embedding_length"), InputError);
  EXPECT_THROW(file.texts("tokenizer.ggml.token_type"), InputError);
  EXPECT_THROW(file.integers("tokenizer.ggml.tokens"), InputError);
  EXPECT_THROW(file.boolean("llama.embedding_length"), InputError);
  EXPECT_THROW(file.number("nothing"), InputError);
}

TEST_F(Gguf, WhatIsWrittenIsReadBack) {
  const GgufFile source(golden("gguf_llama.gguf"));
  GgufMetadata metadata;
  metadata.add_text("general.architecture", "llama");
  metadata.add_u32("a", 7);
  metadata.add_f32("b", 0.5F);
  metadata.add_bool("c", true);
  metadata.add_texts("d", {"x", "", "zz"});
  metadata.add_i32s("e", {1, -3});
  metadata.add("copied", source.metadata().at("tokenizer.ggml.merges"));
  const auto ramp = [](std::span<float> values) {
    for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 8) - 4.0F;
  };
  write_gguf(path, metadata,
             {{.name = "one", .type = GgmlType::f32, .shape = {3}, .values = ramp},
              {.name = "two", .type = GgmlType::q4_0, .shape = {2, 64}, .values = ramp}});
  const GgufFile file(path);
  EXPECT_EQ(file.integer("a"), 7);
  EXPECT_EQ(file.number("b"), 0.5);
  EXPECT_TRUE(file.boolean("c"));
  EXPECT_THAT(file.texts("d"), testing::ElementsAre("x", "", "zz"));
  EXPECT_THAT(file.integers("e"), testing::ElementsAre(1, -3));
  EXPECT_EQ(file.texts("copied"), source.texts("tokenizer.ggml.merges"));
  const GgufTensor& two = file.tensors().at("two");
  EXPECT_EQ(two.shape, (std::vector<int64_t>{2, 64}));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(two.bytes.data()) % 32, 0U);
  std::vector<float> values(128);
  dequantize_blocks(two.type, two.bytes, values);
  // The largest value, -4, becomes number 0 of scale 0.5, so that all of -4 ... 3 are whole steps.
  for (size_t i = 0; i < values.size(); ++i) EXPECT_EQ(values[i], static_cast<float>(i % 8) - 4.0F) << i;
}

TEST_F(Gguf, BlocksOfNanAreRefusedAndNothingIsLeft) {
  const auto nan = [](std::span<float> values) { values[5] = std::numeric_limits<float>::quiet_NaN(); };
  EXPECT_THROW(write_gguf(path, {}, {{.name = "a", .type = GgmlType::q8_0, .shape = {32}, .values = nan}}), InputError);
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(Gguf, EverySplittingIsFoundUnderItsOwnName) {
  for (const char* name : {"qwen2", "llama-bpe", "smollm", "gpt-2"}) {
    EXPECT_EQ(gguf_pretokenizer_name(gguf_pretokenizer(name, "file").pre_tokenizer, "file"), name);
  }
  EXPECT_THROW(gguf_pretokenizer("tekken", "file"), InputError);
  EXPECT_THROW(gguf_pretokenizer_name({{"type", "Whitespace"}}, "file"), InputError);
}

}  // namespace
}  // namespace r1v

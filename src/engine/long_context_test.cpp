// A request of 64K tokens over int8 keys and values: inside its memory, and the plain network's float32 logits.
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <fstream>

#include "engine/block_store.h"
#include "engine/engine.h"
#include "engine/tiny_folder_test.h"
#include "models/init.h"
#include "models/packed_language.h"
#include "models/registry.h"
#include "prompt/render.h"

namespace r1v {
namespace {

using namespace testing_folder;  // NOLINT: a test's own helpers

constexpr int64_t kContext = 65536, kAnswer = 3, kPrompt = kContext - kAnswer;

int64_t peak_rss_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    int64_t kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib << 10;
  }
  return 0;
}

class LongContextTest : public testing::Test {
 protected:
  LongContextTest() {
    write_tiny_config(folder_, 16, 32, kContext);
    Json config = read_json_file(folder_.path() / "config.json");
    Json& language = config["llm_config"];
    for (const char* one : {"num_hidden_layers", "num_attention_heads", "num_key_value_heads"}) language[one] = 1;
    language["rope_scaling"] = {{"type", "yarn"}, {"factor", 4.0}, {"original_max_position_embeddings", 16384}};
    folder_.write("config.json", config.dump());
    renderer_ = std::make_unique<Renderer>(folder_.path());
    const auto network = new_model(read_model_config(folder_.path()), 5);
    network->walk([](const std::string& name, at::Tensor& parameter) {
      if (name.ends_with("lm_head.weight")) parameter.mul_(20.0);  // logits that are neither flat nor fixed
      if (name.ends_with("q_proj.weight") || name.ends_with("k_proj.weight")) parameter.mul_(40.0);  // nor attention
    });
    save_model(*network, folder_.path(), {}, at::kFloat);
    for (int64_t i = 0; i < kPrompt; ++i) prompt_.input_ids.push_back('a' + i * i % 23 + (i / 1000) % 3);
  }

  void SetUp() override {
    if (!PackedLanguage::fits({.head_dim = 16})) GTEST_SKIP() << "this processor has no fast rows";
  }

  TinyFolder folder_;
  std::unique_ptr<Renderer> renderer_;
  Prompt prompt_;
};

/// Log-probabilities of the plain network behind `ids` and those that follow.
at::Tensor definition(const std::filesystem::path& folder, std::vector<int64_t> ids,
                      const std::vector<int64_t>& answer) {
  ids.insert(ids.end(), answer.begin(), answer.end() - 1);
  const at::NoGradGuard no_grad;
  const auto plain = load_model(folder);
  const at::Tensor hidden =
      plain->hidden(plain->embed(at::tensor(ids), {}, -1), packed_plan({static_cast<int64_t>(ids.size())}));
  return at::log_softmax(plain->logits(hidden.narrow(0, hidden.size(0) - kAnswer, kAnswer)), -1);
}

TEST_F(LongContextTest, SixtyFourThousandTokensStayInTheirMemoryAndNearFloat32) {
  const auto model = load_model(folder_.path(), {.packed = WeightFormat::float32});
  const int64_t budget = kContext / kKvBlockTokens * block_bytes(*model, KvFormat::int8);
  const int64_t before = peak_rss_bytes();
  Engine engine(*model, *renderer_, {.max_batch = 1, .kv_format = KvFormat::int8, .kv_memory_bytes = budget});
  EXPECT_EQ(engine.kv_blocks(), kContext / kKvBlockTokens);
  const GenerateResult result =
      engine.generate({.prompt = &prompt_,
                       .sampling = {.temperature = 0.0, .max_tokens = kAnswer, .top_logprobs = 0, .ignore_eos = true}});
  const int64_t grown = peak_rss_bytes() - before;
  // Rows of one pass, the table of positions (8 MB, from opening the model) and LibTorch's own are far below this.
  EXPECT_LT(grown, budget + (int64_t{64} << 20));
  EXPECT_TRUE(engine.violations().empty());
  const Completion& completion = result.completions.at(0);
  ASSERT_EQ(std::ssize(completion.ids), kAnswer);
  const at::Tensor expected_TV = definition(folder_.path(), prompt_.input_ids, completion.ids);
  EXPECT_LT(expected_TV.exp().max().item<double>(), 0.99);  // not what any attention would give
  for (int64_t t = 0; t < kAnswer; ++t) {
    const auto id = completion.ids[static_cast<size_t>(t)];
    const double found = completion.reports[static_cast<size_t>(t)].logprob,
                 expected = expected_TV[t][id].item<double>();
    std::printf("    token %d: log-probability %.5f, float32 %.5f\n", static_cast<int>(t), found, expected);
    EXPECT_NEAR(found, expected, 0.05);
  }
}

}  // namespace
}  // namespace r1v

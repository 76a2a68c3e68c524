// Scores on tiny networks: alone, in a batch of seven and in any order they are the same bits.
#include "engine/reward_model.h"

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/error.h"
#include "base/rng.h"
#include "engine/tiny_folder_test.h"
#include "models/init.h"
#include "models/registry.h"

namespace r1v {
namespace {

using namespace testing_folder;  // NOLINT: a test's own helpers

constexpr const char* kQwen = R"({
  "architectures": ["Qwen2_5_VLForConditionalGeneration"], "model_type": "qwen2_5_vl", "torch_dtype": "float32",
  "image_token_id": 261, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
  "intermediate_size": 48, "hidden_act": "silu", "max_position_embeddings": 512, "rms_norm_eps": 1e-6,
  "rope_theta": 10000.0, "rope_scaling": {"type": "mrope", "mrope_section": [1, 2, 1]}, "vocab_size": 272,
  "tie_word_embeddings": false,
  "vision_config": {"depth": 2, "hidden_size": 32, "hidden_act": "silu", "intermediate_size": 40, "num_heads": 4,
    "out_hidden_size": 32, "patch_size": 4, "spatial_merge_size": 2, "temporal_patch_size": 2, "window_size": 16,
    "fullatt_block_indexes": [1]}})";
constexpr const char* kTemplate =
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

class RewardModelTest : public testing::Test {
 protected:
  RewardModelTest() {
    // Qwen2.5-VL's names for the tokens around pictures, in the places of this vocabulary.
    std::string tokenizer = byte_tokenizer_json(ThinkTags::tokens);
    for (const auto& [from, to] :
         {std::pair{"<img>", "<|vision_start|>"}, {"</img>", "<|vision_end|>"}, {"<IMG_CONTEXT>", "<|image_pad|>"}}) {
      tokenizer.replace(tokenizer.find(from), std::string(from).size(), to);
    }
    folder_.write("tokenizer.json", tokenizer);
    folder_.write("tokenizer_config.json", R"({"eos_token": "<|im_end|>"})");
    folder_.write("chat_template.jinja", kTemplate);
    folder_.write("config.json", kQwen);
    folder_.write(
        "preprocessor_config.json",
        R"({"patch_size": 4, "merge_size": 2, "temporal_patch_size": 2, "min_pixels": 64, "max_pixels": 4096})");
    const auto network = new_model(read_model_config(folder_.path()), 3);
    save_model(*network, folder_.path(), {}, at::kFloat);
    write_head(1.0);
  }

  void write_head(double bias) const {
    ValueHead head(32);
    head.walk([&](const std::string&, at::Tensor& slot) {
      slot = slot.dim() == 2 ? at::linspace(-1, 1, 32).view({1, 32}) : at::full({1}, bias);
    });
    save_value_head(head, folder_.path());
  }

  static Picture noise(int width, int height, uint64_t seed) {
    Picture picture{.width = width, .height = height};
    Rng rng(seed);
    for (int i = 0; i < width * height * 3; ++i) picture.rgb.push_back(static_cast<uint8_t>(rng.integer(0, 255)));
    return picture;
  }

  /// A question, with a picture where `seed` is given, and an answer.
  static Conversation asked(const std::string& answer, std::optional<uint64_t> seed, int width = 30, int height = 45) {
    Conversation conversation;
    Message question{.role = "user"};
    if (seed) {
      question.parts.push_back({.kind = Part::Kind::picture, .picture_index = 0});
      conversation.pictures.push_back(noise(width, height, *seed));
      conversation.picture_names.push_back("noise");
    }
    question.parts.push_back({.text = "what is it?"});
    Message reply{.role = "assistant"};
    reply.parts.push_back({.text = answer});
    conversation.messages = {question, reply};
    return conversation;
  }

  std::vector<ScoredPrompt> seven(const RewardModel& model) const {
    std::vector<ScoredPrompt> prompts;
    for (const Conversation& one :
         {asked("a cat", 1), asked("a dog that runs", 1), asked("x", 1), asked("words alone", std::nullopt),
          asked("a cat", 2, 61, 20), asked("a much longer answer, with commas, and more of them", 2, 61, 20),
          asked("x", std::nullopt)}) {
      prompts.push_back(render_scored(model.renderer(), one));
    }
    return prompts;
  }

  TinyFolder folder_;
};

TEST_F(RewardModelTest, AScoreDoesNotDependOnItsCompany) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    const RewardModel model(folder_.path(), dtype);
    const std::vector<ScoredPrompt> prompts = seven(model);
    const std::vector<double> together = model.score(prompts);
    std::vector<size_t> order(prompts.size());
    std::iota(order.begin(), order.end(), size_t{0});
    Rng rng(9);
    for (int round = 0; round < 5; ++round) {
      rng.shuffle(order);
      std::vector<ScoredPrompt> shuffled;
      for (const size_t i : order) shuffled.push_back(prompts[i]);
      const std::vector<double> scores = model.score(shuffled);
      for (size_t i = 0; i < order.size(); ++i) EXPECT_EQ(scores[i], together[order[i]]);  // to the bit
    }
    for (size_t i = 0; i < prompts.size(); ++i) {
      EXPECT_EQ(model.score(std::span(prompts).subspan(i, 1)).front(), together[i]);
    }
    EXPECT_NE(together[0], together[1]);
    EXPECT_NE(together[0], together[4]);  // the same answer about another picture
  }
}

TEST_F(RewardModelTest, AgreesWithOneWholePassOverTheConversation) {
  const at::NoGradGuard no_grad;
  const RewardModel model(folder_.path(), at::kFloat);
  const auto network = load_model(folder_.path());
  const auto head = load_value_head(folder_.path(), 32, at::kCPU);
  for (const ScoredPrompt& one : seven(model)) {
    const Prompt& prompt = one.prompt;
    const std::vector<PictureGrid> grids = grids_of(prompt.images);
    const at::Tensor ids = at::tensor(prompt.input_ids);
    const at::Tensor rows = grids.empty() ? at::Tensor() : network->encode_pictures(prompt.pixels, grids);
    const at::Tensor hidden =
        network->hidden(network->embed(ids, rows, kImgContext), network->packed(ids, {ids.size(0)}, grids));
    const double expected = head->forward(hidden.narrow(0, ids.size(0) - 1, 1)).item<double>();
    EXPECT_NEAR(model.score(std::span(&one, 1)).front(), expected, 1e-5);
    EXPECT_EQ(prompt.input_ids.back(), '\n');  // behind <|im_end|>, where the published scorer reads
    EXPECT_GT(one.shared_tokens, 0u);
  }
}

TEST_F(RewardModelTest, RefusesAFolderWithoutItsHead) {
  std::filesystem::remove(folder_.path() / "value_head.safetensors");
  try {
    RewardModel model(folder_.path(), at::kFloat);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("value_head.safetensors"), std::string::npos);
  }
}

TEST_F(RewardModelTest, RefusesHeadsThatHoldNoNumbers) {
  write_head(std::numeric_limits<double>::quiet_NaN());
  EXPECT_THROW(RewardModel(folder_.path(), at::kFloat), InputError);
}

TEST_F(RewardModelTest, AnEmptyAnswerIsRefusedAndSoIsAQuestionWithoutOne) {
  const RewardModel model(folder_.path(), at::kFloat);
  EXPECT_THROW(render_scored(model.renderer(), asked(" \n", std::nullopt)), InputError);
  Conversation open = asked("x", std::nullopt);
  open.messages.pop_back();
  EXPECT_THROW(render_scored(model.renderer(), open), InputError);
  EXPECT_THROW(render_scored(model.renderer(), asked("x", 1, 1, 300)), InputError);  // 300 : 1
}

}  // namespace
}  // namespace r1v

// The engine on a tiny Qwen2.5-VL: positions go on behind pictures as whole passes have them.
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "engine/engine.h"
#include "engine/tiny_qwen_test.h"
#include "prompt/render.h"

namespace r1v {
namespace {

using namespace testing_folder;  // NOLINT: a test's own helpers

struct EngineQwen : testing::Test, TinyQwen {
  EngineQwen() : renderer(folder.path()), model(load_model(folder.path())) {
    // Steep logits have no near ties that rounding could turn around.
    model->walk([](const std::string& name, at::Tensor& parameter) {
      const bool is_steep = name.ends_with("lm_head.weight") || name.ends_with("embed_tokens.weight");
      if (is_steep) parameter = parameter * 40.0;
    });
  }

  Prompt prompt(std::optional<uint64_t> picture, int width, int height) const {
    Conversation conversation = asked("unused", picture, width, height);
    conversation.messages.pop_back();
    return renderer.render(conversation);
  }

  /// Whole passes without a cache.
  std::vector<int64_t> greedy(const Prompt& prompt, int64_t count) const {
    const at::NoGradGuard no_grad;
    const std::vector<PictureGrid> grids = grids_of(prompt.images);
    const at::Tensor rows = grids.empty() ? at::Tensor() : model->encode_pictures(prompt.pixels, grids);
    // roles, what stands around pictures, and rows that name no token
    const std::vector<int64_t> banned = {kImStart, kImgBegin, kImgEnd, kImgContext, 265, 266, 267, 268, 269, 270, 271};
    std::vector<int64_t> ids = prompt.input_ids, made;
    while (static_cast<int64_t>(made.size()) < count) {
      const at::Tensor ids_T = at::tensor(ids);
      const at::Tensor hidden =
          model->hidden(model->embed(ids_T, rows, kImgContext), model->packed(ids_T, {ids_T.size(0)}, grids));
      at::Tensor logits = model->logits(hidden.narrow(0, ids_T.size(0) - 1, 1));
      for (const int64_t id : banned) logits.narrow(1, id, 1).fill_(-1e9);
      made.push_back(logits.argmax().item<int64_t>());
      ids.push_back(made.back());
      if (made.back() == kImEnd || made.back() == kEndOfText) break;
    }
    return made;
  }

  Renderer renderer;
  std::unique_ptr<R1vModel> model;
};

TEST_F(EngineQwen, AnswersAsWholePassesDo) {
  const Prompt wide = prompt(1, 90, 20), tall = prompt(2, 30, 45), words = prompt(std::nullopt, 0, 0);
  ASSERT_GT(wide.images.front().tokens, 0);
  // A chunk ends inside a picture.
  Engine engine(*model, renderer, {.pass_tokens = 7});
  SamplingParams sampling{.max_tokens = 24};
  sampling.temperature = 0.0;
  const auto results = engine.generate({{.prompt = &wide, .sampling = sampling},
                                        {.prompt = &words, .sampling = sampling},
                                        {.prompt = &tall, .sampling = sampling}});
  const Prompt* prompts[] = {&wide, &words, &tall};
  for (size_t i = 0; i < results.size(); ++i) {
    const std::vector<int64_t> expected = greedy(*prompts[i], 24);
    const std::vector<int64_t>& found = results[i].completions.front().ids;
    EXPECT_EQ(found, expected) << "prompt " << i;
  }
}

}  // namespace
}  // namespace r1v

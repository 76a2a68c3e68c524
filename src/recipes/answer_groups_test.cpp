// A pass over groups against each conversation run by itself.
#include "recipes/answer_groups.h"

#include <gtest/gtest.h>

#include "models/golden_network.h"
#include "models/registry.h"

namespace r1v {
namespace {

class AnswerGroups : public testing::Test {
 protected:
  void SetUp() override {
    copy_golden_model(folder_.path() / "model");
    model_ = load_model(folder_.path() / "model", {.writable = true});
    model_->walk([](const std::string&, at::Tensor& slot) { slot = slot.clone().set_requires_grad(true); });
    renderer_ = std::make_unique<Renderer>(folder_.path() / "model");
  }

  Prompt ask(const std::string& text, bool with_picture) const {
    Json content = Json::array();
    if (with_picture) content.push_back({{"type", "image"}, {"path", "0.png"}});
    content.push_back({{"type", "text"}, {"text", text}});
    const Json request = {{"messages", Json::array({Json{{"role", "user"}, {"content", content}}})}};
    return renderer_->render(parse_conversation(request, {.root = (folder_.path() / "model").string()}, "test"));
  }

  GroupNetwork network() const { return {.model = *model_, .image_token_id = renderer_->image_token_id()}; }

  /// The rows that predict the answer, the conversation alone in its pass.
  at::Tensor alone(const Prompt& prompt, const std::vector<int64_t>& answer) const {
    std::vector<int64_t> ids = prompt.input_ids;
    ids.insert(ids.end(), answer.begin(), answer.end());
    const at::Tensor ids_T = at::tensor(ids, at::kLong);
    const std::vector<PictureGrid> grids = grids_of(prompt.images);
    const at::Tensor rows_ND = prompt.pixels.defined() ? model_->encode_pictures(prompt.pixels, grids) : at::Tensor();
    const at::Tensor hidden_TD = model_->hidden(model_->embed(ids_T, rows_ND, renderer_->image_token_id()),
                                                model_->packed(ids_T, {static_cast<int64_t>(ids.size())}, grids));
    return hidden_TD.narrow(0, static_cast<int64_t>(prompt.input_ids.size()) - 1, static_cast<int64_t>(answer.size()));
  }

  TemporaryFolder folder_;
  std::unique_ptr<R1vModel> model_;
  std::unique_ptr<Renderer> renderer_;
};

const std::vector<std::vector<int64_t>> kAnswers = {{104, 105, 258}, {121}, {110, 111, 33, 33, 258}};

TEST_F(AnswerGroups, GiveTheRowsOfEachConversationByItselfAndItsGradients) {
  const Prompt picture = ask("how many?", /*with_picture=*/true), text = ask("why?", /*with_picture=*/false);
  const std::vector<AnswerGroup> groups = {{.prompt = &picture, .answers = {kAnswers[0], kAnswers[1]}},
                                           {.prompt = &text, .answers = {kAnswers[2]}}};
  const at::Tensor together_RD = network().hidden(groups);
  const at::Tensor apart_RD =
      at::cat({alone(picture, kAnswers[0]), alone(picture, kAnswers[1]), alone(text, kAnswers[2])});
  ASSERT_EQ(together_RD.sizes(), apart_RD.sizes());
  EXPECT_LT((together_RD - apart_RD).abs().max().item<double>(), 1e-5);

  const at::Tensor direction_RD = golden_numbers("direction", together_RD.sizes());
  const auto gradients = [&](const at::Tensor& hidden_RD) {
    (hidden_RD * direction_RD).sum().backward();
    std::vector<at::Tensor> found;
    model_->walk([&](const std::string&, at::Tensor& slot) {
      found.push_back(slot.grad().defined() ? slot.grad().clone() : at::zeros_like(slot));
      slot.mutable_grad() = at::Tensor();
    });
    return found;
  };
  const std::vector<at::Tensor> expected = gradients(apart_RD), actual = gradients(together_RD);
  for (size_t i = 0; i < expected.size(); ++i) {
    const double scale = std::max(1.0, expected[i].abs().max().item<double>());
    EXPECT_LT((actual[i] - expected[i]).abs().max().item<double>() / scale, 1e-4) << "parameter " << i;
  }
}

TEST_F(AnswerGroups, ListTheTokensInTheOrderOfTheirRows) {
  const Prompt prompt = ask("why?", /*with_picture=*/false);
  const std::vector<AnswerGroup> groups = {{.prompt = &prompt, .answers = {kAnswers[0], kAnswers[1]}}};
  EXPECT_TRUE(at::equal(answer_ids(groups), at::tensor({104, 105, 258, 121}, at::kLong)));
  EXPECT_EQ(groups.front().answer_tokens(), 4);
  EXPECT_EQ(groups.front().rows(), static_cast<int64_t>(prompt.input_ids.size()) + 4);
}

}  // namespace
}  // namespace r1v

// Tiny networks against transformers 5.23: outputs of every stage, loss, all gradients, greedy tokens, bfloat16.
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <map>

#include "models/golden_network.h"
#include "models/registry.h"

namespace r1v {
namespace {

double cosine(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor x = a.detach().to(at::kDouble).flatten(), y = b.to(at::kDouble).flatten();
  return (x.dot(y) / (x.norm() * y.norm())).item<double>();
}

struct Forward {
  at::Tensor features, projected, hidden, logits;
  std::vector<at::Tensor> layers;
};

Forward run(R1vModel& model, const GoldenNetwork& golden) {
  Forward out;
  if (model.has_vision()) {
    const at::Tensor pixels = golden.pixels(model.config());
    out.features = model.vision_features(pixels, {});
    out.projected = model.encode_pictures(pixels, {});
  }
  const at::Tensor embeds = model.embed(golden.expected("input_ids"), out.projected, kGoldenImageToken);
  out.hidden = model.language().model.forward(embeds, packed_plan(golden.documents()), &out.layers);
  out.logits = model.logits(out.hidden);
  return out;
}

/// Mean cross entropy of the next token over all documents, labels of -100 left out.
at::Tensor next_token_loss(const at::Tensor& logits_TV, const at::Tensor& labels_T,
                           const std::vector<int64_t>& documents) {
  at::Tensor sum = at::zeros({});
  int64_t count = 0, begin = 0;
  for (const int64_t length : documents) {
    const at::Tensor target = labels_T.narrow(0, begin + 1, length - 1);
    const at::Tensor rows = (target != -100).nonzero().squeeze(1);
    const at::Tensor logp = at::log_softmax(logits_TV.narrow(0, begin, length - 1), -1).index_select(0, rows);
    sum = sum - logp.gather(1, target.index_select(0, rows).unsqueeze(1)).sum();
    count += rows.numel();
    begin += length;
  }
  return sum / count;
}

/// Keeps everything in plain tensors.
class PlainStore final : public KvStore {
 public:
  View append(int64_t layer, int64_t sequence, int64_t past, const at::Tensor& keys,
              const at::Tensor& values) override {
    View& held = held_[{layer, sequence}];
    held.keys_SGH = past == 0 ? keys.clone() : at::cat({held.keys_SGH, keys});
    held.values_SGH = past == 0 ? values.clone() : at::cat({held.values_SGH, values});
    return held;
  }

 private:
  std::map<std::pair<int64_t, int64_t>, View> held_;
};

TokenPlan stored_plan(KvStore& store, int64_t past, int64_t count) {
  return {.positions = at::arange(past, past + count), .spans = {{.past = past, .count = count}}, .store = &store};
}

class Parity : public testing::TestWithParam<const char*> {};

TEST_P(Parity, EveryStageMatchesTransformers) {
  const at::NoGradGuard no_grad;
  const GoldenNetwork golden(GetParam());
  const auto model = load_model(golden.folder.path());
  const Forward out = run(*model, golden);
  if (model->has_vision()) {
    expect_close(out.features, golden.expected("vision.features"), "vision.features");
    expect_close(out.projected, golden.expected("projector.output"), "projector.output");
  }
  expect_close(out.layers.at(0), golden.expected("layers.0"), "layers.0");
  expect_close(out.hidden, golden.expected("hidden"), "hidden");
  expect_close(out.logits, golden.expected("logits"), "logits");
}

TEST_P(Parity, LossAndEveryGradientMatchTransformers) {
  const GoldenNetwork golden(GetParam());
  const auto model = load_model(golden.folder.path(), {.writable = true});
  for (const auto& [name, parameter] : model->named_parameters()) parameter->requires_grad_();
  const at::Tensor loss = next_token_loss(run(*model, golden).logits, golden.expected("labels"), golden.documents());
  EXPECT_NEAR(loss.item<double>(), golden.expected("loss").item<double>(), 1e-5);
  loss.backward();
  const Json names = parse_json(golden.file.metadata().at("grad_names"), "grad_names");
  const at::Tensor norms = golden.expected("grad_norms");
  std::map<std::string, double> expected;
  for (size_t i = 0; i < names.size(); ++i) expected[names[i]] = norms[static_cast<int64_t>(i)].item<double>();
  double worst = 0;
  for (const auto& [name, parameter] : model->named_parameters()) {
    ASSERT_TRUE(expected.contains(name)) << name;
    const double found = parameter->grad().to(at::kDouble).norm().item<double>();
    // a key's bias moves all scores of a query alike: its gradient is zero but for rounding
    const double scale = std::max(expected[name], 1e-4);
    worst = std::max(worst, std::abs(found - expected[name]) / scale);
    EXPECT_NEAR(found / scale, expected[name] / scale, 1e-3) << name;
  }
  EXPECT_EQ(expected.size(), model->named_parameters().size());
  std::printf("    %zu gradient norms, worst relative difference %.1e\n", expected.size(), worst);
}

TEST_P(Parity, GreedyTokensFromAStoreMatchTransformers) {
  const at::NoGradGuard no_grad;
  const GoldenNetwork golden(GetParam());
  const auto model = load_model(golden.folder.path());
  const int64_t length = golden.documents().back();
  const at::Tensor image =
      model->has_vision() ? model->encode_pictures(golden.pixels(model->config()), {}) : at::Tensor();
  const at::Tensor ids = golden.expected("input_ids");
  const at::Tensor embeds = model->embed(ids.narrow(0, ids.size(0) - length, length), image, kGoldenImageToken);
  PlainStore store;
  // the prompt in two pieces, then token by token
  const int64_t first = length / 3;
  model->hidden(embeds.narrow(0, 0, first), stored_plan(store, 0, first));
  at::Tensor hidden = model->hidden(embeds.narrow(0, first, length - first), stored_plan(store, first, length - first));
  std::vector<int64_t> generated;
  const at::Tensor expected = golden.expected("generated_ids");
  for (int64_t i = 0; i < expected.numel(); ++i) {
    generated.push_back(model->logits(hidden.narrow(0, hidden.size(0) - 1, 1)).argmax().item<int64_t>());
    const at::Tensor next = model->embed(at::tensor(generated.back()).view({1}), {}, /*image_token_id=*/-1);
    hidden = model->hidden(next, stored_plan(store, length + i, 1));
  }
  EXPECT_TRUE(at::equal(at::tensor(generated), expected)) << at::tensor(generated) << expected;
}

TEST_P(Parity, BfloatWeightsPointTheSameWay) {
  const at::NoGradGuard no_grad;
  const GoldenNetwork golden(GetParam());
  const auto model = load_model(golden.folder.path(), {.dtype = at::kBFloat16});
  const Forward out = run(*model, golden);
  ASSERT_EQ(out.logits.scalar_type(), at::kBFloat16);
  std::printf("    bfloat16 cosine of logits %.6f\n", cosine(out.logits, golden.expected("logits")));
  EXPECT_GE(cosine(out.logits, golden.expected("logits")), 0.999);
}

INSTANTIATE_TEST_SUITE_P(Networks, Parity,
                         testing::Values("r1v_6b", "internvl_300m", "pixel_shuffle_v1", "resized_grid", "yarn",
                                         "tied_packed", "head_16"),
                         [](const auto& network) { return std::string(network.param); });

}  // namespace
}  // namespace r1v

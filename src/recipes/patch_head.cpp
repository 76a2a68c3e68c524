// Read-out, loss and score of the tower's first training.
#include "recipes/patch_head.h"

#include <cmath>

#include "base/rng.h"
#include "tensor/shape.h"

namespace r1v {
namespace {

// Logits and labels of one question.
struct Slice {
  at::Tensor logits_RC;
  at::Tensor labels_R;
};

template <typename Visit>
void for_each_question(const at::Tensor& logits_RK, const at::Tensor& labels_RQ, const PatchClasses& classes,
                       const Visit& visit) {
  expect_shape(labels_RQ, {logits_RK.size(0), kPatchQuestions}, "labels_RQ");
  int64_t begin = 0;
  for (int64_t q = 0; q < kPatchQuestions; ++q) {
    const int64_t width = classes.width(static_cast<PatchQuestion>(q));
    visit(q, Slice{logits_RK.narrow(1, begin, width), labels_RQ.select(1, q).to(at::kLong)});
    begin += width;
  }
}

}  // namespace

PatchHead::PatchHead(int64_t width, const PatchClasses& classes, uint64_t seed) {
  parameter("weight", weight_, {classes.total_width(), width});
  parameter("bias", bias_, {classes.total_width()});
  weight_ = at::empty(weight_.sizes(), at::kFloat);
  Rng rng(mix_seed(seed, "patch_head"));
  for (float& value : std::span(weight_.mutable_data_ptr<float>(), static_cast<size_t>(weight_.numel()))) {
    value = static_cast<float>(0.02 * rng.normal());
  }
  bias_ = at::zeros(bias_.sizes(), at::kFloat);
}

at::Tensor PatchHead::forward(const at::Tensor& features_RW) const {
  const at::Tensor x_RW = features_RW.to(at::kFloat);
  const at::Tensor scale_R1 = at::rsqrt(x_RW.square().mean(-1, /*keepdim=*/true) + 1e-6);
  return at::linear((x_RW * scale_R1).to(weight_.scalar_type()), weight_, bias_).to(at::kFloat);
}

void PatchScore::add(const PatchScore& other) {
  for (size_t q = 0; q < asked.size(); ++q) {
    asked[q] += other.asked[q];
    right[q] += other.right[q];
  }
}

double PatchScore::accuracy(PatchQuestion question) const {
  const auto q = static_cast<size_t>(question);
  return asked[q] == 0 ? 0.0 : static_cast<double>(right[q]) / static_cast<double>(asked[q]);
}

LossSum patch_loss(const at::Tensor& logits_RK, const at::Tensor& labels_RQ, const PatchClasses& classes,
                   double empty_weight) {
  LossSum loss{.sum = at::zeros({}, at::kFloat), .count = 1};
  for_each_question(logits_RK, labels_RQ, classes, [&](int64_t, const Slice& slice) {
    const at::Tensor weights_R =
        slice.labels_R.gt(0).to(at::kFloat) + slice.labels_R.eq(0).to(at::kFloat) * empty_weight;
    const at::Tensor nats_R =
        at::cross_entropy_loss(slice.logits_RC, slice.labels_R.clamp_min(0), {}, at::Reduction::None);
    loss.sum = loss.sum + (nats_R * weights_R).sum() / weights_R.sum().clamp_min(1.0);
  });
  return loss;
}

PatchScore patch_score(const at::Tensor& logits_RK, const at::Tensor& labels_RQ, const PatchClasses& classes) {
  PatchScore score;
  for_each_question(logits_RK, labels_RQ, classes, [&](int64_t q, const Slice& slice) {
    const at::Tensor present_R = slice.labels_R.gt(0);
    const at::Tensor right_R = slice.logits_RC.argmax(-1).eq(slice.labels_R).logical_and(present_R);
    score.asked[static_cast<size_t>(q)] = present_R.sum().item<int64_t>();
    score.right[static_cast<size_t>(q)] = right_R.sum().item<int64_t>();
  });
  return score;
}

}  // namespace r1v

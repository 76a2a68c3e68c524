#include "recipes/patch_head.h"

#include <gtest/gtest.h>

#include <cmath>

namespace r1v {
namespace {

// Labels of R patches that answer only the question `centers`; the other questions are not asked.
at::Tensor only_centers(const std::vector<int64_t>& values) {
  at::Tensor labels_RQ = at::full({static_cast<int64_t>(values.size()), kPatchQuestions}, -1, at::kChar);
  for (size_t i = 0; i < values.size(); ++i) {
    labels_RQ.index_put_(
        {at::tensor(static_cast<int64_t>(i)), at::tensor(static_cast<int64_t>(PatchQuestion::centers))},
        at::tensor(values[i]).to(at::kChar));
  }
  return labels_RQ;
}

TEST(PatchLoss, UniformLogitsCostTheLogOfTheNumberOfClasses) {
  // Question `centers` has 4 classes: every patch costs ln 4, whatever the weights; unasked questions cost nothing.
  const PatchClasses classes;
  const at::Tensor logits_RK = at::zeros({3, classes.total_width()});
  const LossSum loss = patch_loss(logits_RK, only_centers({0, 1, 2}), classes, 0.1);
  EXPECT_NEAR(loss.sum.item<double>(), std::log(4.0) * (1 + 1 + 0.1) / (1 + 1 + 0.1), 1e-6);
}

TEST(PatchScore, CountsOnlyPatchesThatShowSomething) {
  const PatchClasses classes;
  at::Tensor logits_RK = at::zeros({3, classes.total_width()});
  logits_RK.select(1, classes.total_width() - 3).fill_(5.0);  // `centers` is last: always says class 1
  const PatchScore score = patch_score(logits_RK, only_centers({0, 1, 2}), classes);
  EXPECT_EQ(score.asked[static_cast<size_t>(PatchQuestion::centers)], 2);
  EXPECT_EQ(score.right[static_cast<size_t>(PatchQuestion::centers)], 1);
  EXPECT_DOUBLE_EQ(score.accuracy(PatchQuestion::centers), 0.5);
}

}  // namespace
}  // namespace r1v

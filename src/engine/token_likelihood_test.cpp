// Log-likelihoods of tokens: the softmax of the network's own logits, however many rows a block has.
#include "engine/token_likelihood.h"

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/tiny_qwen_test.h"
#include "kernels/packed_weight.h"
#include "models/r1v.h"

namespace r1v {
namespace {

class TokenLikelihood : public testing::Test, protected testing_folder::TinyQwen {
 protected:
  static constexpr int64_t kRows = 7;

  TokenLikelihood() {
    at::manual_seed(5);
    hidden_RD = at::randn({kRows, 32});
  }

  at::NoGradGuard no_grad;
  at::Tensor hidden_RD;
  std::vector<int64_t> targets = {0, 271, 5, 5, 100, 258, 17};
};

TEST_F(TokenLikelihood, IsTheSoftmaxOfTheLogits) {
  const auto model = load_model(folder.path(), {.dtype = at::kFloat});
  const at::Tensor logprobs_RV = model->logits(hidden_RD).to(at::kDouble).log_softmax(1);
  const std::vector<double> nats = token_likelihoods(*model, hidden_RD, targets);
  ASSERT_EQ(nats.size(), targets.size());
  for (int64_t row = 0; row < kRows; ++row) {
    const auto i = static_cast<size_t>(row);
    EXPECT_NEAR(nats[i], logprobs_RV[row][targets[i]].item<double>(), 1e-6) << "row " << row;
  }
}

TEST_F(TokenLikelihood, BlocksChangeNoBitOfAPackedNetwork) {
  const auto model = load_model(folder.path(), {.dtype = at::kFloat, .packed = WeightFormat::float32});
  const std::vector<double> whole = token_likelihoods(*model, hidden_RD, targets);
  for (const int64_t block_rows : {1, 3, 7, 8}) {
    EXPECT_EQ(token_likelihoods(*model, hidden_RD, targets, block_rows), whole) << block_rows << " rows a block";
  }
}

TEST_F(TokenLikelihood, ATokenBeyondTheVocabularyIsRefused) {
  const auto model = load_model(folder.path(), {.dtype = at::kFloat});
  for (const int64_t outside : {int64_t{272}, int64_t{-1}}) {
    targets[3] = outside;
    EXPECT_THROW(token_likelihoods(*model, hidden_RD, targets, 2), InputError) << outside;
  }
}

TEST_F(TokenLikelihood, NoRowsGiveNothing) {
  const auto model = load_model(folder.path(), {.dtype = at::kFloat});
  EXPECT_TRUE(token_likelihoods(*model, hidden_RD.narrow(0, 0, 0), {}).empty());
}

}  // namespace
}  // namespace r1v

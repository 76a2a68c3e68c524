// Logits, their denominator, the target: block by block.
#include "engine/token_likelihood.h"

#include <algorithm>

#include "base/error.h"
#include "kernels/softmax_sums.h"
#include "models/r1v.h"

namespace r1v {
namespace {

constexpr int64_t kBlockBytes = int64_t{32} << 20;

}  // namespace

std::vector<double> token_likelihoods(const R1vModel& model, const at::Tensor& hidden_RD,
                                      std::span<const int64_t> targets, int64_t block_rows) {
  const int64_t vocabulary = model.config().language.vocab_size;
  if (block_rows == 0) block_rows = std::max<int64_t>(1, kBlockBytes / (vocabulary * int64_t{sizeof(float)}));
  R1V_CHECK(static_cast<int64_t>(targets.size()) == hidden_RD.size(0), targets.size(), " targets for ",
            hidden_RD.size(0), " rows");
  std::vector<double> nats;
  for (int64_t begin = 0; begin < hidden_RD.size(0); begin += block_rows) {
    const int64_t count = std::min(block_rows, hidden_RD.size(0) - begin);
    const at::Tensor logits_BV = model.logits(hidden_RD.narrow(0, begin, count)).to(at::kCPU, at::kFloat).contiguous();
    const auto width = static_cast<size_t>(logits_BV.size(1));
    const auto* logits = logits_BV.const_data_ptr<float>();
    for (size_t row = 0; row < static_cast<size_t>(count); ++row) {
      const std::span<const float> row_V(logits + row * width, width);
      const int64_t target = targets[static_cast<size_t>(begin) + row];
      if (target < 0 || target >= logits_BV.size(1)) {  // of a token that no pass has read yet
        throw InputError(cat("token id ", target, " in an answer to score; the model has ", logits_BV.size(1),
                             " rows of vocabulary: the tokenizer belongs to another model"));
      }
      nats.push_back(row_V[static_cast<size_t>(target)] - softmax_sums(row_V, 1.0).log_sum);
    }
  }
  return nats;
}

}  // namespace r1v

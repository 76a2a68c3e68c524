// Plans for packed documents.
#include "nn/token_plan.h"

#include "base/error.h"

namespace r1v {

TokenPlan packed_plan(const std::vector<int64_t>& lengths) {
  TokenPlan plan;
  std::vector<at::Tensor> positions;
  for (const int64_t length : lengths) {
    R1V_CHECK(length > 0, "a document of ", length, " tokens cannot be packed");
    positions.push_back(at::arange(length, at::kLong));
    plan.spans.push_back({.sequence = static_cast<int64_t>(plan.spans.size()), .past = 0, .count = length});
  }
  plan.positions = positions.empty() ? at::empty({0}, at::kLong) : at::cat(positions);
  return plan;
}

}  // namespace r1v

// A few divisions, and an error that says what to do.
#include "engine/memory_budget.h"

#include <algorithm>

#include "base/error.h"

namespace r1v {
namespace {

constexpr int64_t kShortConversation = 256;  // tokens

}  // namespace

int64_t key_value_bytes(const MemoryBudget& budget) {
  if (budget.asked_bytes > 0) return budget.asked_bytes;
  const int64_t free = std::min(budget.available_bytes, budget.total_bytes - budget.weight_bytes);
  return static_cast<int64_t>(static_cast<double>(std::max<int64_t>(free, 0)) * kKeyValueShare);
}

int64_t blocks_that_fit(int64_t bytes, const BlockDemand& demand) {
  R1V_CHECK(demand.block_bytes >= 1 && demand.block_tokens >= 1, demand.block_bytes, " ", demand.block_tokens);
  const int64_t blocks = bytes / demand.block_bytes;
  const int64_t least = std::min(demand.context, kShortConversation);
  if (blocks * demand.block_tokens < least) {
    const int64_t needed = (least + demand.block_tokens - 1) / demand.block_tokens * demand.block_bytes;
    throw InputError(cat("the memory for keys and values is ", bytes, " bytes, but ", least,
                         " tokens of this model take ", needed,
                         "; give it more (--kv-memory), free some, or store "
                         "them narrower (--kv int8)"));
  }
  const int64_t context_blocks = (demand.context + demand.block_tokens - 1) / demand.block_tokens;
  return std::min({blocks, 2 * demand.max_batch * context_blocks, int64_t{INT32_MAX}});
}

}  // namespace r1v

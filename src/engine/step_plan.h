// One pass through the model as a value: which rows of which sequences, and
// what happens to blocks before. Torch-free.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/kv_blocks.h"

namespace r1v {

/// Sample `sample` of request `request`.
struct SampleName {
  size_t request = 0;
  int64_t sample = 0;
  bool operator==(const SampleName&) const = default;
};

/// Consecutive rows of one sequence. Token i of a sequence is token i of prompt
/// and answer put together.
struct StepPart {
  int64_t kv = 0;  // whose blocks
  size_t request = 0;
  std::optional<int64_t> sample;  // none: the prompt is read, on behalf of all samples
  int64_t first = 0;              // the token of the first row: so many are stored before it
  int64_t count = 0;              // rows, drafts included
  int64_t drafts = 0;             // the last rows, whose tokens are guesses behind the last token known
  bool wants_logits = false;      // of the last row that is no draft, and of every draft
  bool operator==(const StepPart&) const = default;
};

/// Parts stand in the order in which rows must be stored: a part may see what
/// an earlier one stores in the same pass.
struct StepPlan {
  std::vector<BlockCopy> copies;  // made first, one after the other
  std::vector<StepPart> parts;
  std::vector<SampleName> preempted;  // lost their blocks; they will be read again

  bool is_idle() const { return parts.empty(); }
  int64_t rows() const {
    int64_t sum = 0;
    for (const StepPart& part : parts) sum += part.count;
    return sum;
  }
};

}  // namespace r1v

// Picks the attention loops for this processor and says how much scratch memory they need.
#include "kernels/attention_loops.h"

#include "kernels/instruction_set.h"

namespace r1v {
namespace {

int64_t padded(int64_t rows) { return (rows + 15) / 16 * 16; }

}  // namespace

// forward: keys turned, values, a block of queries, its scores, its outputs
int64_t attention_scratch_size(int64_t held, int64_t width) {
  return padded(held) * (2 * width + kAttentionBlock) + 2 * kAttentionBlock * width;
}

// backward: keys, keys turned, values turned, two gradients; blocks of q, out, dq; probabilities and their gradients
int64_t attention_gradient_scratch_size(int64_t held, int64_t width) {
  return padded(held) * (5 * width + 2 * kAttentionBlock) + 3 * kAttentionBlock * width;
}

template <>
const AttentionLoops<float>* attention_loops() {
  switch (instruction_set()) {
    case InstructionSet::avx512:
      return &kAttentionLoopsAvx512;
    case InstructionSet::avx2:
      return &kAttentionLoopsAvx2;
    case InstructionSet::none:
      return nullptr;
  }
  return nullptr;
}

template <>
const AttentionLoops<uint16_t>* attention_loops() {
  switch (instruction_set()) {
    case InstructionSet::avx512:
      return &kAttentionLoopsBfloatAvx512;
    case InstructionSet::avx2:
      return &kAttentionLoopsBfloatAvx2;
    case InstructionSet::none:
      return nullptr;
  }
  return nullptr;
}

}  // namespace r1v

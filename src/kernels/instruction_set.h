// Which hand-written loops this processor can run.
#pragma once

namespace r1v {

enum class InstructionSet { none, avx2, avx512 };

/// Asks the processor once. `none` means: use the references.
inline InstructionSet instruction_set() {
  static const InstructionSet best = [] {
    const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                        __builtin_cpu_supports("avx512vnni");
    if (avx512) return InstructionSet::avx512;
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    return avx2 ? InstructionSet::avx2 : InstructionSet::none;
  }();
  return best;
}

/// Products of bfloat16 pairs (on top of avx512).
inline bool has_bfloat16_products() {
  static const bool has = instruction_set() == InstructionSet::avx512 && __builtin_cpu_supports("avx512bf16");
  return has;
}

}  // namespace r1v

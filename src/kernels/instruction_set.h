// Which hand-written loops this processor can run.
#pragma once

#include <sys/syscall.h>
#include <unistd.h>

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

/// Products of tiles of bfloat16 and bytes (AMX, on top of avx512 and bfloat16 products). Asks the system once to keep
/// the tiles of this process's threads, without which their first use would end it.
inline bool has_tile_products() {
  static const bool has = [] {
    constexpr long kRequestState = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
    return has_bfloat16_products() && __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-int8") &&
           __builtin_cpu_supports("amx-bf16") && syscall(SYS_arch_prctl, kRequestState, kTileData) == 0;
  }();
  return has;
}

}  // namespace r1v

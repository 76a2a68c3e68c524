// How many blocks of keys and values the memory holds. Torch-free.
#pragma once

#include <cstdint>

namespace r1v {

struct MemoryBudget {
  int64_t available_bytes = 0;  // not in use by anybody
  int64_t total_bytes = 0;      // of the machine or its group
  int64_t weight_bytes = 0;     // of the model, whether in memory already or mapped from files
  int64_t asked_bytes = 0;      // for keys and values; 0 = a share of what is free
};

inline constexpr double kKeyValueShare = 0.5;  // of the free memory; the rest is for passes, pictures and others

/// Bytes for keys and values. Mapped weights count as available though they
/// will be read: so no more is free than what the machine holds without them.
int64_t key_value_bytes(const MemoryBudget& budget);

struct BlockDemand {
  int64_t block_bytes = 0;
  int64_t block_tokens = 0;
  int64_t context = 0;    // tokens of the model's context
  int64_t max_batch = 0;  // more than every sample's whole context twice is never wanted
};

/// throws InputError when not even a short conversation fits.
int64_t blocks_that_fit(int64_t bytes, const BlockDemand& demand);

}  // namespace r1v

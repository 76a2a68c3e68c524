// What this machine can do at most: bytes read from memory, multiplications a second. What every speed is judged by.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace r1v {

/// Of several tries, a second.
struct MeasuredRate {
  double median = 0.0;
  double best = 0.0;
};

/// All threads together unless it says otherwise. An operation is a multiplication or an addition.
struct MachineLimits {
  std::string instructions;  // "avx512 vnni bf16"
  int64_t threads = 1;
  MeasuredRate read_one_thread;          // bytes
  MeasuredRate read;                     // bytes
  MeasuredRate float32;                  // operations of fused multiply-adds that stay in registers
  std::optional<MeasuredRate> int8;      // operations of products of bytes, added up in int32
  std::optional<MeasuredRate> bfloat16;  // operations of products of bfloat16 pairs, added up in float32
};

struct LimitTries {
  int64_t buffer_bytes = int64_t{512} << 20;  // more than any cache holds
  double seconds = 0.1;                       // of arithmetic a try
  int64_t tries = 5;
};

/// Takes about 4 seconds by default; uses the threads that at::get_num_threads gives.
MachineLimits measure_machine_limits(const LimitTries& tries = {});

}  // namespace r1v

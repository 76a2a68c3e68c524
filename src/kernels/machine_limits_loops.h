// The loops that the machine's limits are measured with, one table for each instruction set.
#pragma once

#include <cstdint>

namespace r1v {

/// Arithmetic on registers alone; the result only keeps the compiler from leaving the work out.
struct ArithmeticLoop {
  float (*run)(int64_t rounds) = nullptr;  // null where the processor has no such instruction
  int64_t operations = 0;                  // a round
};

struct LimitLoops {
  const char* name;
  /// Reads every byte once; `bytes` is a multiple of 512, `from` of 64.
  int64_t (*read)(const uint8_t* from, int64_t bytes);
  ArithmeticLoop float32;
  ArithmeticLoop int8;
};

extern const LimitLoops kLimitLoopsAvx2;
extern const LimitLoops kLimitLoopsAvx512;
extern const ArithmeticLoop kBfloatLimitLoop;  // AVX512_BF16

/// For processors with none of these.
extern const LimitLoops kLimitLoopsPlain;

/// For this processor.
const LimitLoops& limit_loops();

}  // namespace r1v

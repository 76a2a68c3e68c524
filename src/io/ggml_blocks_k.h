// Writing the 256-value block types, whose scales are quantised themselves.
#pragma once

#include <cstdint>

namespace r1v {

/// 256 values to one block of 144 and 210 bytes; see ggml_blocks.cpp for how the bytes lie.
void write_q4_k(const float* values, uint8_t* block);
void write_q6_k(const float* values, uint8_t* block);

}  // namespace r1v

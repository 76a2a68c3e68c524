// A weight matrix that is read some rows at a time, so that nobody has to hold two forms of all of it.
#pragma once

#include <ATen/ATen.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

namespace r1v {

/// Plain numbers. `read` gives [count, inputs] of any floating type; several threads call it at a time.
struct FloatRows {
  int64_t outputs = 0, inputs = 0;
  std::function<at::Tensor(int64_t first, int64_t count)> read;
  std::span<const std::byte> mapped;  // memory that can be given back once all was read
};

/// Integers that share scales in groups of consecutive inputs: weight[o, i] = (value[o, i] - zero[o, g]) * scale[o, g].
/// They are unsigned: what is stored as signed moves up, with its zero, by 128 (4 bits: by 8).
struct IntegerRows {
  /// Where rows go, one after the other.
  struct Place {
    uint8_t* values = nullptr;  // one a byte, whatever `bits` is
    std::byte* scales = nullptr;
    uint8_t* zeros = nullptr;  // not written where one zero serves all
  };
  int64_t outputs = 0, inputs = 0, groups = 1;
  int64_t bits = 8;
  bool half_scales = false;     // float16 instead of float32
  std::optional<uint8_t> zero;  // of all groups
  /// Several threads call it at a time.
  std::function<void(int64_t first, int64_t count, const Place& to)> read;
  std::span<const std::byte> mapped;

  int64_t scale_bytes() const { return half_scales ? 2 : 4; }
};

}  // namespace r1v

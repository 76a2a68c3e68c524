// A weight matrix laid out once for reading in one stream: 16, 8 or 4 bits a number.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/packed_memory.h"
#include "kernels/packed_product_loops.h"
#include "tensor/weight_rows.h"

namespace r1v {

/// A whole matrix as rows: anything [O, ...] on the CPU.
FloatRows rows_of(const at::Tensor& weight_OI);

enum class WeightFormat { float32, bfloat16, int8, int4 };
const char* format_name(WeightFormat format);

/// Integers that share scales in groups of consecutive inputs: weight[o, i] = (value[o, i] - zero[o, g]) * scale[o, g].
struct IntegerWeight {
  at::Tensor values_OI;  // uint8 (int4: 0..15) or int8 (int4: -8..7)
  at::Tensor scales_OG;  // floating point; I / G inputs a group
  at::Tensor zeros_OG;   // integers; undefined = all zero
};

/// O outputs in panels of 64, four vectors of 16 outputs beside each other; inside a panel the inputs follow each
/// other. Integer weights keep scale and zero point of every group before its numbers. The last panel is filled up with
/// zeros.
///
/// `memory` is where the panels are to lie; null: in memory of their own.
class PackedWeight {
 public:
  PackedWeight() = default;
  /// Plain numbers -> float32 or bfloat16 panels.
  PackedWeight(const FloatRows& rows, WeightFormat format, PackedMemory* memory = nullptr);
  PackedWeight(const at::Tensor& weight_OI, WeightFormat format, PackedMemory* memory = nullptr);
  /// -> int8 or int4 panels, value for value. A group is the whole row or a multiple of 32 inputs; I is a multiple of
  /// 32. throws InputError where that does not hold or values do not fit.
  explicit PackedWeight(const IntegerRows& rows, PackedMemory* memory = nullptr);
  PackedWeight(const IntegerWeight& weight, WeightFormat format, PackedMemory* memory = nullptr);

  /// Other numbers of the same shape in the same memory; floats only. Whoever shares the panels sees them.
  void assign(const FloatRows& rows);
  /// Some of the outputs, sharing the panels; `first` is a multiple of 64.
  PackedWeight outputs(int64_t first, int64_t count) const;

  WeightFormat format() const { return format_; }
  int64_t outputs() const { return outputs_; }
  int64_t inputs() const { return layout_.inputs; }
  int64_t group() const { return layout_.group; }  // inputs that share a scale; inputs() for floats
  int64_t bytes() const { return panels_.defined() ? panels_.numel() : 0; }
  const uint8_t* panels() const { return panels_.const_data_ptr<uint8_t>(); }
  const PanelLayout& layout() const { return layout_; }

  /// The numbers it stands for: float32 [O, I]. What every fast product is judged by.
  at::Tensor unpack() const;

 private:
  void make_room(PackedMemory* memory);

  WeightFormat format_ = WeightFormat::float32;
  int64_t outputs_ = 0;
  PanelLayout layout_;
  at::Tensor panels_;  // uint8 [panels, bytes], 64-byte aligned
};

}  // namespace r1v

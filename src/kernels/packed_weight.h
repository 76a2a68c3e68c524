// A weight matrix laid out once for reading in one stream: 16, 8 or 4 bits a number.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/packed_product_loops.h"

namespace r1v {

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
class PackedWeight {
 public:
  PackedWeight() = default;
  /// weight_OI float32 or bfloat16 on the CPU -> float32 or bfloat16 panels.
  PackedWeight(const at::Tensor& weight_OI, WeightFormat format);
  /// -> int8 or int4 panels, value for value. A group is the whole row or a multiple of 32 inputs; I is a multiple of
  /// 32. throws InputError where that does not hold or values do not fit.
  PackedWeight(const IntegerWeight& weight, WeightFormat format);

  /// Other numbers of the same shape in the same memory; floats only. Whoever shares the panels sees them.
  void assign(const at::Tensor& weight_OI);
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

  /// Moves small weights into one block, to be called once when a model is loaded. The block lies in huge pages, which
  /// a small weight alone cannot fill: with small pages, a virtual machine reads at half the speed of its memory.
  static void gather(const std::vector<PackedWeight*>& weights);

 private:
  WeightFormat format_ = WeightFormat::float32;
  int64_t outputs_ = 0;
  PanelLayout layout_;
  at::Tensor panels_;  // uint8 [panels, bytes], 64-byte aligned
};

}  // namespace r1v

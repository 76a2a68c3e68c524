// Weights of a checkpoint on their way into packed form, integers as integers.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/tensor_source.h"
#include "kernels/packed_weight.h"
#include "models/names.h"

namespace r1v {

/// Formats for matrices that a checkpoint stores plain; those that it stores as integers stay what they are. Integers
/// need a multiple of 32 inputs: where a matrix has not, it is float32.
struct PackFormats {
  WeightFormat language = WeightFormat::bfloat16;
  WeightFormat first_layers = WeightFormat::bfloat16;  // the language model's first kFirstLayers
  WeightFormat head = WeightFormat::bfloat16;
  WeightFormat vision = WeightFormat::bfloat16;  // tower and bridge
};

/// What is rounded in the first layers runs through all others.
constexpr size_t kFirstLayers = 2;

/// int8 keeps the first layers in bfloat16: two of 24 are worth three quarters of the error in the logits. int4 keeps
/// the head in int8 and the tower in bfloat16. Else all are the same.
PackFormats pack_formats(WeightFormat asked);

/// Reads by the names of the network's parameters, matrices row by row. What was read need not stay in memory: mapped
/// pages are given back.
class WeightReader {
 public:
  WeightReader(std::shared_ptr<const TensorSource> checkpoint, const CheckpointMatch& match)
      : checkpoint_(std::move(checkpoint)), match_(match) {}

  bool has(const std::string& parameter) const { return match_.stored_name.contains(parameter); }
  /// float32, in memory of its own.
  at::Tensor numbers(const std::string& parameter) const;
  /// A table whose rows are looked up in the files, ids [T] -> float32 [T, D]: most of its memory is never touched.
  std::function<at::Tensor(const at::Tensor& ids_T)> table(const std::string& parameter) const;
  /// What stands behind a tensor's first size is one row.
  PackedWeight matrix(const std::string& parameter, WeightFormat format) const { return stacked({parameter}, format); }
  /// Several matrices over the same inputs as one, outputs one after the other. Matrices that the checkpoint stores in
  /// different ways become plain numbers first.
  PackedWeight stacked(const std::vector<std::string>& parameters, WeightFormat format) const;
  /// The same as plain numbers.
  FloatRows stacked_rows(const std::vector<std::string>& parameters) const;

 private:
  at::Tensor stored(const std::string& parameter) const;
  const std::string& stored_name(const std::string& parameter) const { return match_.stored_name.at(parameter); }
  std::vector<FloatRows> rows_of(const std::vector<std::string>& parameters) const;
  std::optional<PackedWeight> stored_integers(const std::vector<std::string>& parameters) const;
  std::optional<PackedWeight> stored_integer_rows(const std::vector<std::string>& parameters) const;

  std::shared_ptr<const TensorSource> checkpoint_;
  const CheckpointMatch& match_;
  std::unique_ptr<PackedMemory> memory_ = std::make_unique<PackedMemory>();
};

}  // namespace r1v

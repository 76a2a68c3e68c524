// Named tensors of a checkpoint, whatever form they are stored in.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/packed_integers.h"
#include "tensor/weight_rows.h"

namespace r1v {

/// What is known of a tensor before it is read.
struct StoredTensor {
  at::ScalarType dtype = at::kFloat;  // of what tensor() gives
  std::vector<int64_t> shape;         // of what tensor() gives
  std::string form;                   // how it lies on disk: "bfloat16", "Q4_K", "awq int4 g128"
  int64_t bytes = 0;                  // on disk
};

/// Reads lazily: a tensor's bytes are touched when it is asked for. Names are those of Hugging Face checkpoints.
class TensorSource {
 public:
  TensorSource() = default;
  TensorSource(const TensorSource&) = delete;
  TensorSource& operator=(const TensorSource&) = delete;
  virtual ~TensorSource() = default;

  virtual std::vector<std::string> names() const = 0;  // sorted
  virtual bool has(const std::string& name) const = 0;
  /// throws InputError when the name is missing.
  virtual StoredTensor stored(const std::string& name) const = 0;
  /// A mapped view where the bytes can be used as they lie (never write to it), memory of its own otherwise.
  /// throws InputError when the name is missing or its bytes are broken.
  virtual at::Tensor tensor(const std::string& name) const = 0;
  /// Some rows of a matrix [R, columns] in memory of their own, without reading the others where that can be.
  virtual at::Tensor rows(const std::string& name, const at::Tensor& rows_R) const {
    return tensor(name).index_select(0, rows_R);
  }
  /// A matrix (what stands behind the first size is one row), to be read from front to back.
  virtual FloatRows float_rows(const std::string& name) const;
  /// The integers that tensor() dequantises, where it is a matrix that is stored so and its inputs lie in order: whole,
  /// or row by row. A form offers one of them.
  virtual std::optional<IntegerGroups> integers(const std::string& /*name*/) const { return std::nullopt; }
  virtual std::optional<IntegerRows> integer_rows(const std::string& /*name*/) const { return std::nullopt; }
  virtual int64_t num_files() const = 0;
};

}  // namespace r1v

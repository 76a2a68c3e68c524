// A table of vectors, one a token id.
#pragma once

#include "tensor/module.h"

namespace r1v {

/// ids_T int64 in [0, rows) -> [T, D]. The caller has checked the range.
class Embedding final : public Module {
 public:
  Embedding(int64_t rows, int64_t width) { parameter("weight", weight, {rows, width}); }

  at::Tensor forward(const at::Tensor& ids_T) const { return at::embedding(weight, ids_T); }

  at::Tensor weight;
};

}  // namespace r1v

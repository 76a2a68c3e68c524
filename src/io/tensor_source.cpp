// What a form of checkpoint does where it has no better way.
#include "io/tensor_source.h"

namespace r1v {

FloatRows TensorSource::float_rows(const std::string& name) const {
  const at::Tensor matrix_OI = tensor(name).flatten(1);
  return {.outputs = matrix_OI.size(0),
          .inputs = matrix_OI.size(1),
          .read = [matrix_OI](int64_t first, int64_t count) { return matrix_OI.narrow(0, first, count); },
          .mapped = {static_cast<const std::byte*>(matrix_OI.const_data_ptr()), matrix_OI.nbytes()}};
}

}  // namespace r1v

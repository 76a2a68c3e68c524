// Shape checks.
#include "tensor/shape.h"

#include "base/error.h"

namespace r1v {

std::string shape_text(at::IntArrayRef sizes) {
  std::string text = "[";
  for (size_t i = 0; i < sizes.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(sizes[i]);
  return text + "]";
}

void expect_shape(const at::Tensor& tensor, at::IntArrayRef sizes, const char* name) {
  bool equal = tensor.dim() == static_cast<int64_t>(sizes.size());
  for (int64_t i = 0; equal && i < tensor.dim(); ++i) {
    const int64_t want = sizes[static_cast<size_t>(i)];
    equal = want == -1 || want == tensor.size(i);
  }
  R1V_CHECK(equal, name, " has shape ", shape_text(tensor.sizes()), ", expected ", shape_text(sizes));
}

}  // namespace r1v

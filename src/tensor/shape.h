// Shape checks with messages that carry both sizes.
#pragma once

#include <ATen/ATen.h>

#include <string>

namespace r1v {

/// Fails an R1V_CHECK (our bug) unless the tensor has exactly these sizes; -1 accepts any.
void expect_shape(const at::Tensor& tensor, at::IntArrayRef sizes, const char* name);

/// "[2, 3]"
std::string shape_text(at::IntArrayRef sizes);

}  // namespace r1v

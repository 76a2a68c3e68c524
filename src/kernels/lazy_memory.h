// Memory that costs nothing until it is touched, and nothing once it is let go.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

namespace r1v {

/// Uninitialised (zeros in fact), on the CPU, aligned to a page. It comes from the system and goes straight back: an
/// allocator would keep gigabytes that were reserved once and let other tensors touch all of them by and by.
/// throws InputError when the system has no addresses left.
at::Tensor lazy_memory(at::IntArrayRef sizes, at::ScalarType dtype);

}  // namespace r1v

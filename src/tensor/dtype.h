// Names of element types as users and files write them.
#pragma once

#include <ATen/ATen.h>

#include <string>

namespace r1v {

/// "float32", "bfloat16", "float16", "int64", "uint8", ... throws InputError for other names.
at::ScalarType parse_dtype(const std::string& name);
std::string dtype_name(at::ScalarType dtype);

/// The dtype in which weights compute for --dtype `name` on this machine: "auto" means bfloat16 where the processor
/// multiplies it natively (AVX-512 BF16 or AMX), float32 elsewhere; the choice is printed at start, never silent.
/// throws InputError for names other than auto, float32, bfloat16 and float16.
at::ScalarType compute_dtype(const std::string& name);

}  // namespace r1v

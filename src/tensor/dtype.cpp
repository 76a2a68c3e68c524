// Element types by name.
#include "tensor/dtype.h"

#include <array>
#include <utility>

#include "base/error.h"

namespace r1v {
namespace {

constexpr std::array<std::pair<const char*, at::ScalarType>, 9> kNames = {{
    {"float32", at::kFloat},
    {"bfloat16", at::kBFloat16},
    {"float16", at::kHalf},
    {"float64", at::kDouble},
    {"int64", at::kLong},
    {"int32", at::kInt},
    {"int8", at::kChar},
    {"uint8", at::kByte},
    {"bool", at::kBool},
}};

}  // namespace

at::ScalarType parse_dtype(const std::string& name) {
  for (const auto& [known, dtype] : kNames) {
    if (name == known) return dtype;
  }
  throw InputError(cat("dtype \"", printable(name), "\" is unknown; expected float32, bfloat16 or float16"));
}

std::string dtype_name(at::ScalarType dtype) {
  for (const auto& [name, known] : kNames) {
    if (dtype == known) return name;
  }
  return at::toString(dtype);
}

at::ScalarType compute_dtype(const std::string& name) {
  if (name != "auto") {
    const at::ScalarType dtype = parse_dtype(name);
    if (dtype == at::kFloat || dtype == at::kBFloat16 || dtype == at::kHalf) return dtype;
    throw InputError(cat("dtype \"", printable(name),
                         "\" is no arithmetic for a network; expected auto, float32, bfloat16 or float16"));
  }
  return __builtin_cpu_supports("avx512bf16") ? at::kBFloat16 : at::kFloat;
}

}  // namespace r1v

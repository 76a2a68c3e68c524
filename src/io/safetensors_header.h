// The JSON header of a safetensors file, parsed as a stream so that a hostile one costs little.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "io/safetensors.h"

namespace r1v {

struct SafetensorsHeader {
  std::map<std::string, TensorInfo> tensors;
  std::map<std::string, std::string> metadata;
};

/// Each entry by itself: known dtype, shape of non-negative integers without overflow, begin <= end, size = shape times
/// dtype. Whether entries fit together and into the file is the caller's check.
/// throws InputError: not JSON, duplicate names or keys, missing or surplus fields, wrong types.
SafetensorsHeader parse_safetensors_header(std::string_view text, const std::string& where);

/// "F32", "BF16", ...; R1V_CHECK on a dtype that the format does not know.
const char* safetensors_dtype_name(at::ScalarType dtype);

}  // namespace r1v

// The header of a GGUF file as values that point into the file's bytes.
#pragma once

#include <map>
#include <span>
#include <string>

#include "io/gguf.h"

namespace r1v {

struct GgufHeader {
  std::map<std::string, GgufValue, std::less<>> metadata;
  std::map<std::string, GgufTensor, std::less<>> tensors;
};

/// Bytes of one element; 0 for texts and arrays, whose size varies.
size_t gguf_type_bytes(GgufType type);
const char* gguf_type_name(GgufType type);

/// throws InputError as GgufFile says; `where` is the file's path.
GgufHeader parse_gguf_header(std::span<const std::byte> file, const std::string& where);

}  // namespace r1v

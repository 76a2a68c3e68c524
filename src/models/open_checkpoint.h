// Opens the tensors of a checkpoint in whatever form it is published: safetensors, AWQ, GPTQ, int8, GGUF.
#pragma once

#include <filesystem>
#include <memory>

#include "io/tensor_source.h"

namespace r1v {

/// A checkpoint folder, or a GGUF file. Quantised weights appear under their plain names ("x.weight") and are
/// dequantised when they are read. throws InputError: nothing to read, or a form that this program does not know.
std::unique_ptr<TensorSource> open_checkpoint(const std::filesystem::path& path);

}  // namespace r1v

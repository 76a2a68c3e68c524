// r1v quantize --to gguf: one file for other programs, opened and run once before it gets its name.
#pragma once

#include "recipes/quantize.h"

namespace r1v {

/// The language model as options.type. throws InputError: see export_gguf.
QuantizeReport quantize_to_gguf(const QuantizeOptions& options, const StopAsked& stop);

}  // namespace r1v

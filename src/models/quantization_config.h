// "quantization_config" of config.json: how a checkpoint's linear layers are quantised.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/json.h"

namespace r1v {

/// The layouts that this program reads; docs/formats.md says what lies where.
enum class QuantizedForm {
  awq,             // quant_method "awq", version "gemm"
  gptq,            // quant_method "gptq", checkpoint_format "gptq" or "gptq_v2"
  int_quantized,   // quant_method "compressed-tensors": one int8 number a byte
  pack_quantized,  // quant_method "compressed-tensors": 4 or 8 bits, packed into int32
};

constexpr int64_t kWholeRow = -1;

struct QuantizationConfig {
  QuantizedForm form = QuantizedForm::awq;
  int64_t bits = 4;
  int64_t group_size = kWholeRow;      // input features that share a scale
  bool zeros_are_less_by_one = false;  // gptq v1 stores zero points minus one
};

/// What config.json says, at its top level or in llm_config or text_config; none: the weights are plain.
/// throws InputError naming the key: a method, layout or number of bits that this program cannot read.
std::optional<QuantizationConfig> read_quantization_config(const Json& config, const std::string& where);

/// Takes the key out of config.json wherever read_quantization_config looks for it: for who saves plain weights.
void erase_quantization_config(Json& config);

}  // namespace r1v

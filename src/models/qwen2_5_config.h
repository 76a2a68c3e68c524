// What config.json says beyond Qwen2 for Qwen2.5-VL: the tower and M-RoPE.
#pragma once

#include <string>
#include <vector>

#include "models/config.h"
#include "models/config_fields.h"

namespace r1v {

/// throws InputError: not a list of positive whole numbers.
std::vector<int64_t> read_mrope_section(const ConfigFields& rope);
/// throws InputError unless the sections (if any) are three and fill half a head.
void check_mrope_section(const LanguageConfig& language, const std::string& where);
/// vision_config and the token ids beside it. config.language must be read. throws InputError naming the key.
void read_qwen25_vision(const ConfigFields& fields, ModelConfig& config);

}  // namespace r1v

// The tokens that stand around and for pictures, added to a tokenizer that lacks them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "models/config.h"

namespace r1v {

/// <img>, </img>, <IMG_CONTEXT> (InternVL family) or <|vision_start|>, <|vision_end|>, <|image_pad|> (Qwen2.5-VL) are
/// put on the first free ids of <folder>/tokenizer.json where they are missing; Qwen2.5-VL's config.json learns the
/// pad's id. Returns what was added. throws InputError when the embedding has no free rows, or the tokenizer is of
/// another form.
std::map<std::string, int64_t> add_picture_tokens(const std::filesystem::path& folder, const ModelConfig& vision,
                                                  int64_t vocab_size);

}  // namespace r1v

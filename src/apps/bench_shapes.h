// Checkpoints of published shapes, filled with random weights: speed does not depend on what a model has learnt.
#pragma once

#include <filesystem>
#include <string>

namespace r1v {

/// Writes (or finds, see keep) the checkpoint of a shape: config.json, weights, a byte-level tokenizer with as many
/// merges as the vocabulary wants.
///
/// name     "qwen2.5-0.5b", "internvit-300m-0.5b" (InternVL layout), "qwen2.5-7b" (int4 only), "tiny" (seconds, for
/// trying) weights  as --weights: the 7B shape is refused without int4 throws   InputError: an unknown shape, too
/// little memory or disk for it, another model in the folder.
void make_shape(const std::string& name, const std::string& weights, const std::filesystem::path& folder);

}  // namespace r1v

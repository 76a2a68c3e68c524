// Matching parameters to stored tensors.
#include "models/names.h"

#include <set>

#include "base/error.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace r1v {
namespace {

constexpr size_t kListedNames = 20;
const std::string kLanguagePrefix = "language_model.";

/// Newer uploads of Qwen2.5-VL have "model." in front of everything but the head.
std::vector<std::string> candidates(const std::string& name) {
  if (name.starts_with(kLanguagePrefix)) return {name, name.substr(kLanguagePrefix.size())};
  if (name.starts_with("visual.")) return {name, "model." + name};
  if (name.starts_with("model.")) return {name, kLanguagePrefix + name, "model." + kLanguagePrefix + name.substr(6)};
  return {name, kLanguagePrefix + name};
}

/// Buffers that old transformers versions wrote; a head stored although the config ties it to the embeddings.
bool says_nothing_new(const std::string& name, bool has_head) {
  if (name.ends_with(".rotary_emb.inv_freq") || name.ends_with(".embeddings.position_ids")) return true;
  return !has_head && (name == "lm_head.weight" || name == kLanguagePrefix + "lm_head.weight");
}

std::string list_text(const char* title, const std::vector<std::string>& names) {
  if (names.empty()) return "";
  std::string text = cat("; ", title, " (", names.size(), "): ");
  for (size_t i = 0; i < names.size() && i < kListedNames; ++i) text += (i == 0 ? "" : ", ") + printable(names[i], 160);
  return names.size() > kListedNames ? text + ", ..." : text;
}

}  // namespace

std::string CheckpointMatch::faults() const {
  const std::string text =
      list_text("missing", missing) + list_text("misshapen", misshapen) + list_text("not part of the network", surplus);
  return text.empty() ? text : text.substr(2);
}

CheckpointMatch match_checkpoint(Module& network, const TensorSource& checkpoint) {
  CheckpointMatch match;
  std::set<std::string> used;
  bool has_head = false;
  for (const auto& [name, parameter] : network.named_parameters()) {
    has_head = has_head || name.ends_with("lm_head.weight");
    std::string stored;
    for (const std::string& candidate : candidates(name)) {
      if (stored.empty() && checkpoint.has(candidate)) stored = candidate;
    }
    if (stored.empty()) {
      match.missing.push_back(name);
      continue;
    }
    used.insert(stored);
    const StoredTensor info = checkpoint.stored(stored);
    if (at::IntArrayRef(info.shape) != parameter->sizes() || !at::isFloatingType(info.dtype)) {
      match.misshapen.push_back(cat(stored, ": found ", shape_text(info.shape), " ", dtype_name(info.dtype),
                                    ", expected ", shape_text(parameter->sizes()), " of floating point"));
      continue;
    }
    match.stored_name.emplace(name, stored);
  }
  for (const std::string& name : checkpoint.names()) {
    if (used.contains(name)) continue;
    (says_nothing_new(name, has_head) ? match.tolerated : match.surplus).push_back(name);
  }
  return match;
}

}  // namespace r1v

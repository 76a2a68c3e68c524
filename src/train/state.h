// Checkpoints of a run: written beside and renamed, found again, and exact to the bit.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "train/freeze.h"
#include "train/optimizer.h"

namespace r1v {

/// Calls `write` with a temporary folder and renames it to <run>/checkpoints/step-<step> when it returns, so that a
/// folder of that name is always complete. An older folder of the same step is replaced.
void publish_checkpoint(const std::filesystem::path& run, int64_t step,
                        const std::function<void(const std::filesystem::path& folder)>& write);

/// <run>/checkpoints/step-N with the largest N; none when there is none. Leftovers of an interrupted write are removed.
std::optional<std::filesystem::path> latest_checkpoint(const std::filesystem::path& run);

/// Removes all but the newest `keep` checkpoints; 0 keeps all.
void prune_checkpoints(const std::filesystem::path& run, int64_t keep);

/// Writes <folder>/training_state/: weights.safetensors (float32 masters, plus `more` under their names),
/// optimizer.safetensors and state.json. `position` is whatever else the recipe needs to go on: step, loader, sums.
void save_training_state(const std::filesystem::path& folder, const std::vector<TrainedParameter>& parameters,
                         const AdamW& optimizer, const Json& position,
                         const std::vector<std::pair<std::string, at::Tensor>>& more = {});

/// Puts masters (and copies), moments and `more` back to the bit; returns the position.
/// throws InputError naming the tensor that is missing, surplus or of another shape.
Json load_training_state(const std::filesystem::path& folder, const std::vector<TrainedParameter>& parameters,
                         AdamW& optimizer, const std::vector<std::pair<std::string, at::Tensor>>& more = {});

}  // namespace r1v

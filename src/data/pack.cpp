// First-fit bins and the layout of a packed batch.
#include "data/pack.h"

#include <algorithm>

#include "base/error.h"
#include "prompt/supervised.h"

namespace r1v {

std::vector<std::vector<size_t>> first_fit(const std::vector<int64_t>& lengths, int64_t capacity) {
  std::vector<std::vector<size_t>> bins;
  std::vector<int64_t> room;
  for (size_t i = 0; i < lengths.size(); ++i) {
    const auto fits = std::ranges::find_if(room, [&](int64_t left) { return left >= lengths[i]; });
    const auto bin = static_cast<size_t>(fits - room.begin());
    if (fits == room.end()) {
      bins.emplace_back();
      room.push_back(std::max(capacity, lengths[i]));
    }
    bins[bin].push_back(i);
    room[bin] -= lengths[i];
  }
  return bins;
}

PackedBatch pack_samples(std::span<const Sample* const> samples) {
  PackedBatch batch;
  std::vector<int64_t> ids, targets;
  std::vector<at::Tensor> pixels;
  for (const Sample* sample : samples) {
    R1V_CHECK(!sample->input_ids.empty() && sample->labels.size() == sample->input_ids.size());
    ids.insert(ids.end(), sample->input_ids.begin(), sample->input_ids.end());
    targets.insert(targets.end(), sample->labels.begin() + 1, sample->labels.end());
    targets.push_back(kIgnoredLabel);
    const auto length = static_cast<int64_t>(sample->input_ids.size());
    if (sample->pair) {
      batch.lengths.push_back(sample->pair->chosen_tokens);
      batch.pairs.push_back(*sample->pair);
    }
    batch.lengths.push_back(length - (sample->pair ? sample->pair->chosen_tokens : 0));
    batch.pictures.push_back(static_cast<int64_t>(sample->grids.size()));
    if (sample->pixels.defined()) pixels.push_back(sample->pixels);
    batch.grids.insert(batch.grids.end(), sample->grids.begin(), sample->grids.end());
  }
  batch.num_targets = static_cast<int64_t>(targets.size()) - std::ranges::count(targets, kIgnoredLabel);
  batch.input_ids_T = at::tensor(ids, at::kLong);
  batch.targets_T = at::tensor(targets, at::kLong);
  if (!pixels.empty()) batch.pixels = at::cat(pixels);
  return batch;
}

}  // namespace r1v

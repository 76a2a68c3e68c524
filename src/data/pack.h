// Samples into batches: which belong together, and how they are laid out.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/sample.h"

namespace r1v {

/// Bins of sample indices: each sample, in order, goes into the first bin that has room for it, so that short samples
/// fill the gaps behind long ones. A sample longer than `capacity` tokens gets a bin of its own.
std::vector<std::vector<size_t>> first_fit(const std::vector<int64_t>& lengths, int64_t capacity);

/// Lays samples out one after the other and shifts their labels: row t of a document is scored on token t + 1 of the
/// same document, its last row never.
PackedBatch pack_samples(std::span<const Sample* const> samples);

}  // namespace r1v

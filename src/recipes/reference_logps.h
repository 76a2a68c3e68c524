// What the policy thought of every pair before it learned: computed once, kept in the run folder.
#pragma once

#include <ATen/ATen.h>

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>

#include "base/json.h"
#include "data/loader.h"
#include "recipes/shared_pairs.h"

namespace r1v {

/// What reference log-probabilities depend on. Pictures count by their paths, not by what is on them.
struct ReferenceKey {
  std::string weights;  // of the policy that is the reference
  std::string data;     // lines, their order, max_length
  std::string dtype;

  bool operator==(const ReferenceKey&) const = default;
  ReferenceKey with_data(const LineData& other) const;
  Json json() const { return {{"weights", weights}, {"data", data}, {"dtype", dtype}}; }
  /// What differs, in the words of the options; "" when nothing does. throws InputError naming `where` for a broken
  /// one.
  std::string difference(const Json& other, const std::string& where) const;
};

/// Reads every weight once.
ReferenceKey reference_key(Module& policy, const LineData& data, at::ScalarType dtype);

/// float64 [N, 2]: log-probabilities of the chosen and the rejected answer of every line, summed over their tokens; NaN
/// for lines that are left out. Nothing when `stop` turned true.
std::optional<at::Tensor> compute_reference_logps(const PairNetwork& policy, const LineData& data,
                                                  LoaderOptions options, const std::atomic<bool>& stop);

/// Written atomically, with the key.
void write_reference_logps(const std::filesystem::path& path, const at::Tensor& logps_N2, const ReferenceKey& key);
/// Nothing when there is no such file, or one of another key. throws InputError: a broken file.
std::optional<at::Tensor> read_reference_logps(const std::filesystem::path& path, const ReferenceKey& key);

/// The rows of a batch's pairs: [P, 2].
at::Tensor reference_of(const at::Tensor& logps_N2, const PackedBatch& batch);

}  // namespace r1v

// Pictures of all requests on their way through the tower: each distinct picture once, many tiles a pass.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "models/r1v.h"
#include "prompt/render.h"

namespace r1v {

/// Keeps a picture's rows (one a language-model token) until the last prompt that shows it has taken them.
class PictureRows {
 public:
  explicit PictureRows(const R1vModel& model) : model_(model) {}

  /// A prompt's pictures, in order; each name is good for one `take`. Equal pixels get equal names.
  /// throws InputError when the prompt's pictures and its pixels do not fit.
  std::vector<int64_t> enlist(const Prompt& prompt);
  /// Makes the rows of those that have none yet, several pictures a tower pass.
  void encode(std::span<const int64_t> names);
  /// The rows [N, D] of these pictures one after the other; undefined for none. Encoded before.
  at::Tensor take(std::span<const int64_t> names);
  /// Gives up one use of each, taken by nobody.
  void drop(std::span<const int64_t> names);

  size_t num_held() const { return pictures_.size(); }

 private:
  static constexpr int64_t kBytesPerPass = int64_t{64} << 20;  // of pixels

  struct Picture {
    at::Tensor pixels;
    PictureGrid grid;
    uint64_t hash = 0;
    at::Tensor rows_ND;  // undefined until encoded
    int64_t uses = 0;
  };
  void encode_pass(std::span<Picture* const> pictures);
  int64_t find_or_add(const at::Tensor& pixels, const PictureGrid& grid);

  const R1vModel& model_;
  std::unordered_map<int64_t, Picture> pictures_;
  std::unordered_multimap<uint64_t, int64_t> by_hash_;
  int64_t next_name_ = 0;
};

}  // namespace r1v

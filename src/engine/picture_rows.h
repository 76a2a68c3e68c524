// Pictures of all requests on their way through the tower: each distinct picture once, many tiles a pass.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <map>
#include <span>
#include <unordered_map>
#include <vector>

#include "models/r1v.h"
#include "prompt/render.h"

namespace r1v {

/// throws InputError when the prompt's pictures and its pixels do not fit, or the model sees nothing.
void expect_pictures_fit(const Prompt& prompt, const R1vModel& model);

/// Keeps a picture and its rows (one a language-model token) while prompts use it, and afterwards as long as the
/// pictures nobody uses take no more than `spare_bytes`; the longest unused go first.
class PictureRows {
 public:
  explicit PictureRows(const R1vModel& model, int64_t spare_bytes = 0) : model_(model), spare_bytes_(spare_bytes) {}

  /// A prompt's pictures, in order; each name is used once more until it is dropped. Equal pixels get equal names, but
  /// for prompts of different salts. throws InputError as expect_pictures_fit does.
  std::vector<int64_t> enlist(const Prompt& prompt, uint64_t salt = 0);
  /// Of pixels, their shape and the grid; never 0.
  uint64_t hash(int64_t name) const { return pictures_.at(name).hash; }
  int64_t tokens(int64_t name) const { return model_.picture_tokens(pictures_.at(name).grid); }
  /// Makes the rows of those that have none yet, several pictures a tower pass.
  void encode(std::span<const int64_t> names);
  /// The rows [N, D] of a picture that is encoded.
  const at::Tensor& rows(int64_t name) const { return pictures_.at(name).rows_ND; }
  /// Gives up one use of each.
  void drop(std::span<const int64_t> names);

  size_t num_held() const { return pictures_.size(); }

 private:
  static constexpr int64_t kBytesPerPass = int64_t{64} << 20;  // of pixels

  struct Picture {
    at::Tensor pixels;
    PictureGrid grid;
    uint64_t hash = 0;
    uint64_t salt = 0;
    at::Tensor rows_ND;  // undefined until encoded
    int64_t uses = 0;
    uint64_t unused_since = 0;  // key in unused_ while nobody uses it

    int64_t bytes() const;
  };
  void encode_pass(std::span<Picture* const> pictures);
  int64_t find_or_add(const at::Tensor& pixels, const PictureGrid& grid, uint64_t salt);
  void use(int64_t name);
  void forget(int64_t name);

  const R1vModel& model_;
  int64_t spare_bytes_;
  int64_t unused_bytes_ = 0;
  std::map<uint64_t, int64_t> unused_;  // by the time since
  uint64_t clock_ = 0;
  std::unordered_map<int64_t, Picture> pictures_;
  std::unordered_multimap<uint64_t, int64_t> by_hash_;
  int64_t next_name_ = 0;
};

}  // namespace r1v

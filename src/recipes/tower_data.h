// Gym lines with scenes -> tiles and patch labels: what `r1v train tower` learns from.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "media/pixels.h"
#include "recipes/tower_targets.h"

namespace r1v {

/// Pictures of some lines cut to tiles. N tiles of C x H x W pixels, R = N * patches a tile, Q questions.
struct TowerBatch {
  at::Tensor pixels_NCHW;  // float32
  at::Tensor labels_RQ;    // int8
};

/// Files of `r1v gym make --with-scene`: lines stay on disk, pictures are decoded when asked for.
class TowerData {
 public:
  /// throws InputError: missing file, no lines, a line without pictures' marks (names file and line).
  TowerData(const std::vector<std::filesystem::path>& files, const TileLimits& limits, int64_t patch);

  /// Pictures, over all lines that have any.
  size_t size() const { return items_.size(); }
  /// The pictures of these indices. New class names are added to `classes` while it has room.
  TowerBatch load(const std::vector<size_t>& indices, PatchClasses& classes) const;

 private:
  struct Item {
    size_t file = 0;
    size_t begin = 0, length = 0;  // bytes of the line
    int64_t line = 0;
    size_t picture = 0;
  };
  void index_file(size_t file);
  std::string where(const Item& item) const;
  std::string_view text(const Item& item) const;

  std::vector<std::unique_ptr<MappedFile>> files_;
  TileLimits limits_;
  int64_t patch_;
  std::vector<Item> items_;
};

}  // namespace r1v

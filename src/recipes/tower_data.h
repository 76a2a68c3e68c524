// Gym lines with scenes -> tiles and patch labels: what `r1v train tower` learns from.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/lines.h"
#include "io/picture.h"
#include "media/pixels.h"
#include "recipes/tower_targets.h"

namespace r1v {

/// Pictures of some lines cut to tiles. N tiles of C x H x W pixels, R = N * patches a tile, Q questions.
struct TowerBatch {
  at::Tensor pixels_NCHW;  // float32
  at::Tensor labels_RQ;    // int8
};

/// One picture's patch_labels(), and its path as the line writes it.
struct PictureLabels {
  std::string path;
  Picture picture;
  std::vector<int8_t> labels;
};

/// Files of `r1v gym make --with-scene`: lines stay on disk, pictures are decoded when asked for.
class TowerData {
 public:
  /// throws InputError: missing file, no lines, a line without pictures' marks (names file and line).
  TowerData(const std::vector<std::filesystem::path>& files, const TileLimits& limits, int64_t patch);

  /// Pictures, over all lines that have any.
  size_t size() const { return items_.size(); }
  std::string digest() const { return lines_.digest(); }  // of the lines
  /// How many pictures the line of this picture has.
  int64_t pictures_of_line(size_t index) const { return items_.at(index).pictures; }
  /// New class names are added to `classes` while it has room.
  PictureLabels labels(size_t index, PatchClasses& classes) const;
  /// The same of many pictures, with their pixels.
  TowerBatch load(const std::vector<size_t>& indices, PatchClasses& classes) const;

 private:
  struct Item {
    int64_t line = 0;
    int64_t picture = 0, pictures = 0;
  };

  LineIndex lines_;
  TileLimits limits_;
  int64_t patch_;
  std::vector<Item> items_;
};

}  // namespace r1v

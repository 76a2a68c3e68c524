// Equal pictures are found by hash and proven equal by their pixels.
#include "engine/picture_rows.h"

#include <cstring>
#include <string_view>

#include "base/error.h"
#include "base/rng.h"

namespace r1v {
namespace {

/// Of the raw bytes; spreads well enough to find candidates, equality is tested on the pixels themselves.
uint64_t hash_of(const at::Tensor& pixels_NCHW) {
  const auto* words = static_cast<const uint64_t*>(pixels_NCHW.const_data_ptr());
  const size_t count = pixels_NCHW.nbytes() / sizeof(uint64_t);
  uint64_t hash = mix_seed(0, static_cast<uint64_t>(pixels_NCHW.size(0)));
  for (size_t i = 0; i < count; ++i) hash = (hash ^ words[i]) * 0x9E3779B97F4A7C15ULL + (hash >> 29);
  return hash;
}

}  // namespace

std::vector<int64_t> PictureRows::enlist(const Prompt& prompt) {
  int64_t tiles = 0;
  for (const PromptImage& image : prompt.images) tiles += image.tiles;
  const int64_t pixel_tiles = prompt.pixels_NCHW.defined() ? prompt.pixels_NCHW.size(0) : 0;
  if (tiles != pixel_tiles) {
    throw InputError(cat("the prompt's pictures should have ", tiles, " tiles but its pixels hold ", pixel_tiles,
                         "; render text and pixels together"));
  }
  if (tiles > 0 && !model_.has_vision()) {
    throw InputError("the prompt has a picture but this checkpoint is a plain language model; ask without pictures");
  }
  std::vector<int64_t> names;
  int64_t begin = 0;
  for (const PromptImage& image : prompt.images) {
    names.push_back(find_or_add(prompt.pixels_NCHW.narrow(0, begin, image.tiles).contiguous()));
    begin += image.tiles;
  }
  return names;
}

int64_t PictureRows::find_or_add(const at::Tensor& pixels_NCHW) {
  const uint64_t hash = hash_of(pixels_NCHW);
  const auto [first, last] = by_hash_.equal_range(hash);
  for (auto candidate = first; candidate != last; ++candidate) {
    Picture& picture = pictures_.at(candidate->second);
    if (!picture.pixels_NCHW.equal(pixels_NCHW)) continue;
    ++picture.uses;
    return candidate->second;
  }
  const int64_t name = next_name_++;
  pictures_.emplace(name, Picture{.pixels_NCHW = pixels_NCHW, .hash = hash, .uses = 1});
  by_hash_.emplace(hash, name);
  return name;
}

void PictureRows::encode(std::span<const int64_t> names) {
  std::vector<at::Tensor> pixels;
  std::vector<Picture*> missing;
  for (const int64_t name : names) {
    Picture& picture = pictures_.at(name);
    if (picture.rows_ND.defined() || std::ranges::find(missing, &picture) != missing.end()) continue;
    missing.push_back(&picture);
    pixels.push_back(picture.pixels_NCHW);
  }
  if (missing.empty()) return;
  const at::TensorOptions options = model_.head_weight_VD().options();
  const at::Tensor all_NCHW = at::cat(pixels);
  std::vector<at::Tensor> rows;
  for (const at::Tensor& part_NCHW : all_NCHW.split(kTilesPerPass)) {
    rows.push_back(model_.encode_tiles(part_NCHW.to(options)));
  }
  const at::Tensor rows_ND = at::cat(rows);
  const int64_t rows_a_tile = rows_ND.size(0) / all_NCHW.size(0);
  int64_t begin = 0;
  for (Picture* picture : missing) {
    const int64_t count = picture->pixels_NCHW.size(0) * rows_a_tile;
    picture->rows_ND = rows_ND.narrow(0, begin, count);
    begin += count;
  }
}

at::Tensor PictureRows::take(std::span<const int64_t> names) {
  std::vector<at::Tensor> rows;
  for (const int64_t name : names) rows.push_back(pictures_.at(name).rows_ND);
  drop(names);
  return rows.empty() ? at::Tensor() : at::cat(rows);
}

void PictureRows::drop(std::span<const int64_t> names) {
  for (const int64_t name : names) {
    const auto found = pictures_.find(name);
    R1V_CHECK(found != pictures_.end(), "picture ", name, " was given up before");
    if (--found->second.uses > 0) continue;
    const auto [first, last] = by_hash_.equal_range(found->second.hash);
    for (auto entry = first; entry != last; ++entry) {
      if (entry->second != name) continue;
      by_hash_.erase(entry);
      break;
    }
    pictures_.erase(found);
  }
}

}  // namespace r1v

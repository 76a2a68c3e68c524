// Equal pictures are found by hash and proven equal by their pixels.
#include "engine/picture_rows.h"

#include <cstring>
#include <string_view>

#include "base/error.h"
#include "base/rng.h"

namespace r1v {
namespace {

/// Of the raw bytes; spreads well enough to find candidates, equality is tested on the pixels themselves.
uint64_t hash_of(const at::Tensor& pixels) {
  const auto* words = static_cast<const uint64_t*>(pixels.const_data_ptr());
  const size_t count = pixels.nbytes() / sizeof(uint64_t);
  uint64_t hash = mix_seed(0, static_cast<uint64_t>(pixels.size(0)));
  for (size_t i = 0; i < count; ++i) hash = (hash ^ words[i]) * 0x9E3779B97F4A7C15ULL + (hash >> 29);
  return hash;
}

}  // namespace

std::vector<int64_t> PictureRows::enlist(const Prompt& prompt) {
  if (!prompt.images.empty() && !model_.has_vision()) {
    throw InputError("the prompt has a picture but this checkpoint is a plain language model; ask without pictures");
  }
  int64_t rows = 0;
  for (const PromptImage& image : prompt.images) rows += model_.pixel_rows(image.grid);
  const int64_t pixel_rows = prompt.pixels.defined() ? prompt.pixels.size(0) : 0;
  if (rows != pixel_rows) {
    throw InputError(cat("the prompt's pictures should have ", rows, " tiles or patches but its pixels hold ",
                         pixel_rows, "; render text and pixels together"));
  }
  std::vector<int64_t> names;
  int64_t begin = 0;
  for (const PromptImage& image : prompt.images) {
    const int64_t count = model_.pixel_rows(image.grid);
    names.push_back(find_or_add(prompt.pixels.narrow(0, begin, count).contiguous(), image.grid));
    begin += count;
  }
  return names;
}

int64_t PictureRows::find_or_add(const at::Tensor& pixels, const PictureGrid& grid) {
  const uint64_t hash = hash_of(pixels);
  const auto [first, last] = by_hash_.equal_range(hash);
  for (auto candidate = first; candidate != last; ++candidate) {
    Picture& picture = pictures_.at(candidate->second);
    if (picture.grid != grid || !picture.pixels.equal(pixels)) continue;
    ++picture.uses;
    return candidate->second;
  }
  const int64_t name = next_name_++;
  pictures_.emplace(name, Picture{.pixels = pixels, .grid = grid, .hash = hash, .uses = 1});
  by_hash_.emplace(hash, name);
  return name;
}

void PictureRows::encode(std::span<const int64_t> names) {
  std::vector<Picture*> missing;
  for (const int64_t name : names) {
    Picture& picture = pictures_.at(name);
    if (picture.rows_ND.defined() || std::ranges::find(missing, &picture) != missing.end()) continue;
    missing.push_back(&picture);
  }
  for (size_t begin = 0; begin < missing.size();) {
    size_t end = begin;
    size_t bytes = 0;
    while (end < missing.size() && (end == begin || bytes + missing[end]->pixels.nbytes() <= kBytesPerPass)) {
      bytes += missing[end++]->pixels.nbytes();
    }
    encode_pass(std::span(missing).subspan(begin, end - begin));
    begin = end;
  }
}

void PictureRows::encode_pass(std::span<Picture* const> pictures) {
  std::vector<at::Tensor> pixels;
  std::vector<PictureGrid> grids;
  for (const Picture* picture : pictures) {
    pixels.push_back(picture->pixels);
    grids.push_back(picture->grid);
  }
  const at::Tensor rows_ND = model_.encode_pictures(at::cat(pixels).to(model_.input_options()), grids);
  int64_t begin = 0;
  for (Picture* picture : pictures) {
    const int64_t count = model_.picture_tokens(picture->grid);
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

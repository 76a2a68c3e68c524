// Equal pictures are found by hash and proven equal by their pixels.
#include "engine/picture_rows.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/error.h"
#include "base/rng.h"

namespace r1v {
namespace {

/// Of shape, grid and raw bytes. It finds candidates, whose pixels are then compared, and names the picture to caches.
uint64_t hash_of(const at::Tensor& pixels, const PictureGrid& grid) {
  uint64_t hash = 0;
  for (const int64_t size : pixels.sizes()) hash = mix_seed(hash, static_cast<uint64_t>(size));
  for (const int64_t size : {grid.frames, grid.rows, grid.columns}) hash = mix_seed(hash, static_cast<uint64_t>(size));
  const auto* words = static_cast<const uint64_t*>(pixels.const_data_ptr());
  const size_t count = pixels.nbytes() / sizeof(uint64_t);
  for (size_t i = 0; i < count; ++i) hash = mix_seed(hash, words[i]);
  return hash == 0 ? 1 : hash;
}

}  // namespace

void expect_pictures_fit(const Prompt& prompt, const R1vModel& model) {
  if (!prompt.images.empty() && !model.has_vision()) {
    throw InputError("the prompt has a picture but this checkpoint is a plain language model; ask without pictures");
  }
  int64_t rows = 0;
  for (const PromptImage& image : prompt.images) rows += model.pixel_rows(image.grid);
  const int64_t pixel_rows = prompt.pixels.defined() ? prompt.pixels.size(0) : 0;
  if (rows != pixel_rows) {
    throw InputError(cat("the prompt's pictures should have ", rows, " tiles or patches but its pixels hold ",
                         pixel_rows, "; render text and pixels together"));
  }
}

std::vector<int64_t> PictureRows::enlist(const Prompt& prompt, uint64_t salt) {
  expect_pictures_fit(prompt, model_);
  std::vector<int64_t> names;
  int64_t begin = 0;
  for (const PromptImage& image : prompt.images) {
    const int64_t count = model_.pixel_rows(image.grid);
    names.push_back(find_or_add(prompt.pixels.narrow(0, begin, count).contiguous(), image.grid, salt));
    begin += count;
  }
  return names;
}

int64_t PictureRows::find_or_add(const at::Tensor& pixels, const PictureGrid& grid, uint64_t salt) {
  const uint64_t hash = hash_of(pixels, grid);
  const auto [first, last] = by_hash_.equal_range(hash);
  for (auto candidate = first; candidate != last; ++candidate) {
    const Picture& picture = pictures_.at(candidate->second);
    if (picture.salt != salt || picture.grid != grid || !picture.pixels.equal(pixels)) continue;
    use(candidate->second);
    return candidate->second;
  }
  const int64_t name = next_name_++;
  pictures_.emplace(name, Picture{.pixels = pixels, .grid = grid, .hash = hash, .salt = salt, .uses = 1});
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
    picture->rows_ND = rows_ND.narrow(0, begin, count).clone();  // kept longer than its neighbours' rows
    begin += count;
  }
}

int64_t PictureRows::Picture::bytes() const {
  return static_cast<int64_t>(pixels.nbytes() + (rows_ND.defined() ? rows_ND.nbytes() : 0));
}

void PictureRows::use(int64_t name) {
  Picture& picture = pictures_.at(name);
  if (picture.uses++ > 0) return;
  unused_.erase(picture.unused_since);
  unused_bytes_ -= picture.bytes();
}

void PictureRows::drop(std::span<const int64_t> names) {
  for (const int64_t name : names) {
    Picture& picture = pictures_.at(name);
    R1V_CHECK(picture.uses > 0, "picture ", name, " was given up before");
    if (--picture.uses > 0) continue;
    picture.unused_since = clock_++;
    unused_.emplace(picture.unused_since, name);
    unused_bytes_ += picture.bytes();
  }
  while (unused_bytes_ > spare_bytes_) forget(unused_.begin()->second);
}

void PictureRows::forget(int64_t name) {
  const auto found = pictures_.find(name);
  const auto [first, last] = by_hash_.equal_range(found->second.hash);
  by_hash_.erase(std::find_if(first, last, [&](const auto& entry) { return entry.second == name; }));
  unused_.erase(found->second.unused_since);
  unused_bytes_ -= found->second.bytes();
  pictures_.erase(found);
}

}  // namespace r1v

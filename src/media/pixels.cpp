// Resize, cut and normalise: uint8 tiles for people, float32 tiles for the vision tower.
#include "media/pixels.h"

#include <array>
#include <cstring>
#include <optional>

#include "base/error.h"
#include "media/resize.h"

namespace r1v {
namespace {

constexpr std::array<float, 3> kMean = {0.485F, 0.456F, 0.406F};
constexpr std::array<float, 3> kDeviation = {0.229F, 0.224F, 0.225F};

using ChannelTable = std::array<float, 256>;

// The normalised value of each of a byte's 256 values: (byte / 255 - mean) / deviation, each step rounded to float32 as
// torchvision's ToTensor and Normalize do.
std::array<ChannelTable, 3> normalisation_tables() {
  std::array<ChannelTable, 3> tables;
  for (size_t c = 0; c < 3; ++c) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const float unit = static_cast<float>(byte) / 255.0F;
      tables[c][byte] = (unit - kMean[c]) / kDeviation[c];
    }
  }
  return tables;
}

// Calls `visit(tile index, first byte of the tile, bytes from row to row)` for every tile in order.
void for_each_tile(const Picture& picture, const TileLimits& limits, const auto& visit) {
  const TileGrid grid = choose_grid(picture.width, picture.height, limits);
  const int edge = static_cast<int>(limits.edge);
  const auto shrink = [&](int64_t columns, int64_t rows) {
    return resize_bicubic(picture, static_cast<int>(columns * limits.edge), static_cast<int>(rows * limits.edge));
  };
  const bool has_size = picture.width == grid.columns * edge && picture.height == grid.rows * edge;
  const std::optional<Picture> resized = has_size ? std::nullopt : std::optional(shrink(grid.columns, grid.rows));
  const Picture& whole = resized ? *resized : picture;
  const size_t stride = static_cast<size_t>(whole.width) * 3;
  int64_t index = 0;
  for (int64_t row = 0; row < grid.rows; ++row) {
    for (int64_t column = 0; column < grid.columns; ++column) {
      visit(index++,
            whole.rgb.data() + static_cast<size_t>(row * edge) * stride + static_cast<size_t>(column * edge) * 3,
            stride);
    }
  }
  if (index == grid.tiles(limits)) return;
  const Picture thumbnail = shrink(1, 1);
  visit(index, thumbnail.rgb.data(), static_cast<size_t>(edge) * 3);
}

// The pixels that a resize to the grid would hold must fit the 32-bit sides of a Picture and a sane memory.
void check_edge(const TileLimits& limits) {
  if (limits.edge > 4096) throw InputError(cat("tile edge ", limits.edge, " pixels; at most 4096 are supported"));
}

}  // namespace

at::Tensor tile_picture_NHWC(const Picture& picture, const TileLimits& limits) {
  check_edge(limits);
  const int64_t edge = limits.edge;
  const int64_t tiles = choose_grid(picture.width, picture.height, limits).tiles(limits);
  at::Tensor tiles_NHWC = at::empty({tiles, edge, edge, 3}, at::kByte);
  const auto row_bytes = static_cast<size_t>(edge * 3);
  auto* out = tiles_NHWC.mutable_data_ptr<uint8_t>();
  for_each_tile(picture, limits, [&](int64_t index, const uint8_t* tile, size_t stride) {
    for (int64_t y = 0; y < edge; ++y) {
      std::memcpy(out + static_cast<size_t>(index * edge + y) * row_bytes, tile + static_cast<size_t>(y) * stride,
                  row_bytes);
    }
  });
  return tiles_NHWC;
}

at::Tensor picture_pixels_NCHW(const Picture& picture, const TileLimits& limits) {
  check_edge(limits);
  const int64_t edge = limits.edge;
  const int64_t tiles = choose_grid(picture.width, picture.height, limits).tiles(limits);
  at::Tensor pixels_NCHW = at::empty({tiles, 3, edge, edge}, at::kFloat);
  const std::array<ChannelTable, 3> tables = normalisation_tables();
  auto* out = pixels_NCHW.mutable_data_ptr<float>();
  for_each_tile(picture, limits, [&](int64_t index, const uint8_t* tile, size_t stride) {
    for (int64_t y = 0; y < edge; ++y) {
      const uint8_t* in = tile + static_cast<size_t>(y) * stride;
      float* red = out + (index * 3 * edge + y) * edge;
      float* green = red + edge * edge;
      float* blue = green + edge * edge;
      for (int64_t x = 0; x < edge; ++x, in += 3) {
        red[x] = tables[0][in[0]];
        green[x] = tables[1][in[1]];
        blue[x] = tables[2][in[2]];
      }
    }
  });
  return pixels_NCHW;
}

}  // namespace r1v

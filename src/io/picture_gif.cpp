// GIF through giflib, record by record up to the first frame: later frames are never decoded.
#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <vector>

#include "io/picture_formats.h"

namespace r1v {
namespace {

struct Input {
  std::string_view bytes;
  size_t position = 0;
};

int read_bytes(GifFileType* gif, GifByteType* out, int count) {
  auto& input = *static_cast<Input*>(gif->UserData);
  const size_t size = std::min(static_cast<size_t>(count), input.bytes.size() - input.position);
  std::memcpy(out, input.bytes.data() + input.position, size);
  input.position += size;
  return static_cast<int>(size);
}

struct Closer {
  void operator()(GifFileType* gif) const { DGifCloseFile(gif, nullptr); }
};
using Gif = std::unique_ptr<GifFileType, Closer>;

InputError gif_error(const PictureSource& source) {
  return broken_picture(source, "the GIF file is broken or truncated");
}

// Walks the records before the first picture. Returns the index that Pillow puts around a frame smaller than the
// canvas: the transparent one, or 0 when no graphics control block names one.
uint8_t seek_first_frame(GifFileType* gif, const PictureSource& source) {
  uint8_t background = 0;
  GifRecordType type = UNDEFINED_RECORD_TYPE;
  while (true) {
    if (DGifGetRecordType(gif, &type) == GIF_ERROR) throw gif_error(source);
    if (type == IMAGE_DESC_RECORD_TYPE) return background;
    if (type == TERMINATE_RECORD_TYPE) throw broken_picture(source, "the GIF file holds no picture");
    if (type != EXTENSION_RECORD_TYPE) continue;
    int code = 0;
    GifByteType* block = nullptr;  // its first byte is the length of what follows
    if (DGifGetExtension(gif, &code, &block) == GIF_ERROR) throw gif_error(source);
    while (block != nullptr) {
      if (code == GRAPHICS_EXT_FUNC_CODE && block[0] >= 4 && (block[1] & 1) != 0) background = block[4];
      if (DGifGetExtensionNext(gif, &block) == GIF_ERROR) throw gif_error(source);
    }
  }
}

// Rows in the order in which an interlaced file stores them: every 8th from 0, from 4, every 4th from 2, every 2nd
// from 1.
std::vector<int> row_order(int height, bool is_interlaced) {
  std::vector<int> rows;
  if (!is_interlaced) {
    for (int y = 0; y < height; ++y) rows.push_back(y);
    return rows;
  }
  constexpr std::array<std::pair<int, int>, 4> kPasses = {{{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
  for (const auto& [start, step] : kPasses) {
    for (int y = start; y < height; y += step) rows.push_back(y);
  }
  return rows;
}

// RGB of every index; without a palette the index is the grey level, and indices beyond the palette are black (Pillow).
std::array<std::array<uint8_t, 3>, 256> palette_of(const GifFileType* gif) {
  std::array<std::array<uint8_t, 3>, 256> colors{};
  const ColorMapObject* map = gif->Image.ColorMap != nullptr ? gif->Image.ColorMap : gif->SColorMap;
  for (size_t i = 0; i < colors.size(); ++i) {
    if (map == nullptr) {
      colors[i].fill(static_cast<uint8_t>(i));
    } else if (i < static_cast<size_t>(map->ColorCount)) {
      colors[i] = {map->Colors[i].Red, map->Colors[i].Green, map->Colors[i].Blue};
    }
  }
  return colors;
}

}  // namespace

Picture decode_gif(const PictureSource& source) {
  Input input{.bytes = source.bytes};
  const Gif gif(DGifOpen(&input, read_bytes, nullptr));
  if (gif == nullptr) throw gif_error(source);
  const uint8_t background = seek_first_frame(gif.get(), source);
  if (DGifGetImageDesc(gif.get()) == GIF_ERROR) throw gif_error(source);
  const GifImageDesc& frame = gif->Image;
  if (frame.Width < 1 || frame.Height < 1)
    throw broken_picture(source, "the first frame of the GIF file has no pixels");
  // Pillow's rule: a frame that sticks out widens the canvas.
  Picture picture = allocate_picture(std::max<int64_t>(gif->SWidth, int64_t{frame.Left} + frame.Width),
                                     std::max<int64_t>(gif->SHeight, int64_t{frame.Top} + frame.Height), source);
  const auto colors = palette_of(gif.get());
  const auto paint = [&](int x, int y, uint8_t index) {
    const size_t pixel = static_cast<size_t>(y) * static_cast<size_t>(picture.width) + static_cast<size_t>(x);
    std::copy(colors[index].begin(), colors[index].end(), picture.rgb.begin() + static_cast<ptrdiff_t>(3 * pixel));
  };
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) paint(x, y, background);
  }
  std::vector<GifPixelType> row(static_cast<size_t>(frame.Width));
  for (const int y : row_order(frame.Height, frame.Interlace)) {
    if (DGifGetLine(gif.get(), row.data(), frame.Width) == GIF_ERROR) throw gif_error(source);
    for (int x = 0; x < frame.Width; ++x) paint(frame.Left + x, frame.Top + y, row[static_cast<size_t>(x)]);
  }
  return picture;
}

}  // namespace r1v

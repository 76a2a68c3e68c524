// A decoded picture, and the decoders behind one torch-free face (PNG, JPEG, WebP, GIF's first frame).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace r1v {

/// 8-bit sRGB, row by row, three bytes a pixel.
struct Picture {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> rgb;
};

/// Refused before any pixel is decoded (decompression bombs).
struct PictureLimits {
  int64_t max_bytes = 128'000'000;
  int64_t max_pixels = 50'000'000;
  int max_side = 32'768;
};

/// What Pillow's Image.open(...).convert("RGB") gives: alpha dropped, palette expanded, CMYK converted, 16-bit grey
/// clipped, EXIF orientation left alone, first frame of animations.
/// bytes   a whole file; the format is told by its first bytes, never by its name. `where` names it in messages.
/// throws  InputError: unknown format, truncated or broken data, larger than the limits.
Picture decode_picture(std::string_view bytes, const std::string& where, const PictureLimits& limits = {});
Picture read_picture(const std::filesystem::path& path, const PictureLimits& limits = {});

/// PNG, 8-bit RGB; the same bytes on every machine for the same picture.
std::string encode_png(const Picture& picture);
/// Baseline JPEG, quality 1..100.
std::string encode_jpeg(const Picture& picture, int quality);

}  // namespace r1v

// Which decoder a file goes to, and the limits that hold before any of them starts.
#include "io/picture.h"

#include "base/error.h"
#include "base/file.h"
#include "io/picture_formats.h"

namespace r1v {

Picture allocate_picture(int64_t width, int64_t height, const PictureSource& source) {
  if (width < 1 || height < 1)
    throw broken_picture(source, cat("the picture is ", width, " x ", height, " pixels: empty"));
  const PictureLimits& limits = source.limits;
  if (width > limits.max_side || height > limits.max_side || width * height > limits.max_pixels) {
    throw broken_picture(source, cat("the picture claims ", width, " x ", height, " pixels; at most ", limits.max_side,
                                     " a side and ", limits.max_pixels, " in all are decoded; shrink it first"));
  }
  Picture picture{.width = static_cast<int>(width), .height = static_cast<int>(height)};
  picture.rgb.resize(static_cast<size_t>(width * height * 3));
  return picture;
}

Picture decode_picture(std::string_view bytes, const std::string& where, const PictureLimits& limits) {
  const PictureSource source{.bytes = bytes, .where = where, .limits = limits};
  if (static_cast<int64_t>(bytes.size()) > limits.max_bytes) {
    throw broken_picture(source,
                         cat("the picture has ", bytes.size(), " bytes, at most ", limits.max_bytes, " are read"));
  }
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return decode_png(source);
  if (bytes.starts_with("\xff\xd8\xff")) return decode_jpeg(source);
  if (bytes.starts_with("RIFF") && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP") return decode_webp(source);
  if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) return decode_gif(source);
  throw broken_picture(source, bytes.empty()
                                   ? "the picture is empty (0 bytes)"
                                   : cat("not a picture this program reads (it starts with \"",
                                         printable(bytes.substr(0, 8)), "\"); expected PNG, JPEG, WebP or GIF"));
}

Picture read_picture(const std::filesystem::path& path, const PictureLimits& limits) {
  return decode_picture(read_file(path, static_cast<size_t>(limits.max_bytes)), path.string(), limits);
}

}  // namespace r1v

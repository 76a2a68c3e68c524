// The decoders behind decode_picture: one function for each format, one wrapper file for each library.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "io/picture.h"

namespace r1v {

/// What every decoder needs to know.
struct PictureSource {
  std::string_view bytes;
  const std::string& where;  // names the picture in messages
  const PictureLimits& limits;
};

/// An empty picture of the right size, after the size was held against the limits.
/// throws InputError: no pixels, or more than the limits allow.
Picture allocate_picture(int64_t width, int64_t height, const PictureSource& source);

/// Never carries a library's own text: those have leaked addresses elsewhere (CVE-2026-22778).
inline InputError broken_picture(const PictureSource& source, const std::string& what) {
  return InputError(cat(source.where, ": ", what));
}

Picture decode_png(const PictureSource& source);
Picture decode_jpeg(const PictureSource& source);
Picture decode_webp(const PictureSource& source);
Picture decode_gif(const PictureSource& source);

}  // namespace r1v

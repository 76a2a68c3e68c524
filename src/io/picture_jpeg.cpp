// JPEG through libjpeg-turbo, which reports errors by longjmp: functions it may jump out of hold no C++ objects.
#include <jerror.h>
#include <jpeglib.h>

#include <algorithm>
#include <csetjmp>
#include <cstdio>  // jpeglib.h needs FILE
#include <cstdlib>

#include "io/picture_formats.h"

namespace r1v {
namespace {

constexpr int kMaxScans = 500;  // a progressive file of thousands of empty scans would decode for hours

struct ErrorManager {
  jpeg_error_mgr base;  // first: libjpeg sees only this part
  std::jmp_buf escape;
  bool is_truncated;
};

[[noreturn]] void on_error(j_common_ptr common) {
  std::longjmp(reinterpret_cast<ErrorManager*>(common->err)->escape, 1);
}

// libjpeg invents an end marker where the data stops; Pillow refuses such files and so do we. Other warnings (stray
// bytes, damaged entropy data) let the picture pass, again as in Pillow.
void on_message(j_common_ptr common, int level) {
  auto* errors = reinterpret_cast<ErrorManager*>(common->err);
  if (level >= 0) return;
  ++errors->base.num_warnings;
  if (errors->base.msg_code != JWRN_JPEG_EOF) return;
  errors->is_truncated = true;
  on_error(common);
}

jpeg_error_mgr* set_up(ErrorManager& errors) {
  jpeg_error_mgr* base = jpeg_std_error(&errors.base);
  base->error_exit = on_error;
  base->emit_message = on_message;
  errors.is_truncated = false;
  return base;
}

// --- reading ---

struct Reader {
  jpeg_decompress_struct info{};
  ErrorManager errors{};
  jpeg_progress_mgr progress{};
  bool has_too_many_scans = false;
  std::vector<uint8_t> cmyk;

  Reader() { info.err = set_up(errors); }
  ~Reader() { jpeg_destroy_decompress(&info); }
};

void count_scans(j_common_ptr common) {
  auto* info = reinterpret_cast<j_decompress_ptr>(common);
  if (info->input_scan_number <= kMaxScans) return;
  static_cast<Reader*>(info->client_data)->has_too_many_scans = true;
  on_error(common);
}

bool read_header(Reader& reader, const PictureSource& source) {
  if (setjmp(reader.errors.escape) != 0) return false;
  jpeg_create_decompress(&reader.info);
  reader.info.client_data = &reader;
  reader.progress.progress_monitor = count_scans;
  reader.info.progress = &reader.progress;
  jpeg_mem_src(&reader.info, reinterpret_cast<const unsigned char*>(source.bytes.data()), source.bytes.size());
  jpeg_read_header(&reader.info, TRUE);
  return true;
}

// CMYK rows pass through a buffer of one row; grey and colour go straight to the picture.
bool read_rows(Reader& reader, Picture& picture, void (*store_cmyk)(const uint8_t*, size_t, uint8_t*)) {
  if (setjmp(reader.errors.escape) != 0) return false;
  const bool is_cmyk = reader.info.num_components == 4;
  reader.info.out_color_space = is_cmyk ? JCS_CMYK : JCS_RGB;
  reader.info.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&reader.info);
  const size_t row_bytes = static_cast<size_t>(picture.width) * 3;
  while (reader.info.output_scanline < reader.info.output_height) {
    uint8_t* row = picture.rgb.data() + reader.info.output_scanline * row_bytes;
    JSAMPROW target = is_cmyk ? reader.cmyk.data() : row;
    jpeg_read_scanlines(&reader.info, &target, 1);
    if (is_cmyk) store_cmyk(reader.cmyk.data(), static_cast<size_t>(picture.width), row);
  }
  jpeg_finish_decompress(&reader.info);
  return true;
}

// a * b / 255, rounded, as Pillow computes it.
int scaled(int a, int b) {
  const int product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}

// Pillow takes every four-channel JPEG for Adobe's inverted ink values: `in` holds 255 - ink.
void store_inverted_cmyk(const uint8_t* in, size_t pixels, uint8_t* out) {
  for (size_t i = 0; i < pixels; ++i, in += 4, out += 3) {
    const int light = in[3];
    for (int c = 0; c < 3; ++c) out[c] = static_cast<uint8_t>(std::max(0, light - scaled(255 - in[c], light)));
  }
}

InputError jpeg_error_of(const Reader& reader, const PictureSource& source) {
  if (reader.has_too_many_scans)
    return broken_picture(source, cat("the JPEG file has more than ", kMaxScans, " scans"));
  return broken_picture(source, reader.errors.is_truncated ? "the JPEG file is truncated" : "the JPEG file is broken");
}

// --- writing ---

struct Writer {
  jpeg_compress_struct info{};
  ErrorManager errors{};
  unsigned char* bytes = nullptr;
  unsigned long size = 0;  // NOLINT(google-runtime-int): libjpeg's own type

  Writer() { info.err = set_up(errors); }
  ~Writer() {
    jpeg_destroy_compress(&info);
    std::free(bytes);
  }
};

bool write_picture(Writer& writer, const Picture& picture, int quality) {
  if (setjmp(writer.errors.escape) != 0) return false;
  jpeg_create_compress(&writer.info);
  jpeg_mem_dest(&writer.info, &writer.bytes, &writer.size);
  writer.info.image_width = static_cast<JDIMENSION>(picture.width);
  writer.info.image_height = static_cast<JDIMENSION>(picture.height);
  writer.info.input_components = 3;
  writer.info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&writer.info);
  jpeg_set_quality(&writer.info, quality, TRUE);
  writer.info.dct_method = JDCT_ISLOW;
  jpeg_start_compress(&writer.info, TRUE);
  const size_t row_bytes = static_cast<size_t>(picture.width) * 3;
  while (writer.info.next_scanline < writer.info.image_height) {
    JSAMPROW row = const_cast<uint8_t*>(picture.rgb.data()) + writer.info.next_scanline * row_bytes;  // only read
    jpeg_write_scanlines(&writer.info, &row, 1);
  }
  jpeg_finish_compress(&writer.info);
  return true;
}

}  // namespace

Picture decode_jpeg(const PictureSource& source) {
  Reader reader;
  if (!read_header(reader, source)) throw jpeg_error_of(reader, source);
  const int channels = reader.info.num_components;
  if (channels != 1 && channels != 3 && channels != 4) {
    throw broken_picture(source, cat("the JPEG file has ", channels, " channels; expected 1, 3 or 4"));
  }
  Picture picture = allocate_picture(reader.info.image_width, reader.info.image_height, source);
  if (channels == 4) reader.cmyk.resize(static_cast<size_t>(picture.width) * 4);
  if (!read_rows(reader, picture, store_inverted_cmyk)) throw jpeg_error_of(reader, source);
  return picture;
}

std::string encode_jpeg(const Picture& picture, int quality) {
  R1V_CHECK(quality >= 1 && quality <= 100, "JPEG quality ", quality);
  R1V_CHECK(picture.width > 0 && picture.width <= 65500 && picture.height > 0 && picture.height <= 65500 &&
                picture.rgb.size() == static_cast<size_t>(picture.width) * static_cast<size_t>(picture.height) * 3,
            "picture of ", picture.width, " x ", picture.height, " has ", picture.rgb.size(), " bytes");
  Writer writer;
  R1V_CHECK(write_picture(writer, picture, quality), "libjpeg cannot write the picture");
  return std::string(reinterpret_cast<const char*>(writer.bytes), writer.size);
}

}  // namespace r1v

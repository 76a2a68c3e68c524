// PNG through libpng, which reports errors by longjmp: functions it may jump out of hold no C++ objects.
#include <png.h>

#include <csetjmp>
#include <cstring>

#include "io/picture_formats.h"

namespace r1v {
namespace {

// --- reading ---

// Everything that lives while libpng works, outside of the frames it may leave.
struct Reader {
  std::string_view bytes;
  size_t position = 0;
  png_structp png = nullptr;
  png_infop info = nullptr;
  bool is_truncated = false;
  int channels = 0;  // after the transformations: 1, 2, 3 or 4
  int depth = 0;     // bits a sample after the transformations: 8 or 16
  std::vector<uint8_t> samples;
  std::vector<png_bytep> rows;

  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
};

[[noreturn]] void on_error(png_structp png, png_const_charp) { std::longjmp(png_jmpbuf(png), 1); }
void on_warning(png_structp, png_const_charp) {}

void read_bytes(png_structp png, png_bytep out, size_t count) {
  auto& reader = *static_cast<Reader*>(png_get_io_ptr(png));
  if (reader.bytes.size() - reader.position < count) {
    reader.is_truncated = true;
    png_error(png, "");
  }
  std::memcpy(out, reader.bytes.data() + reader.position, count);
  reader.position += count;
}

// The chunks before the pixels. False when libpng gave up.
bool read_header(Reader& reader) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_set_read_fn(reader.png, &reader, read_bytes);
  png_set_crc_action(reader.png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_set_chunk_malloc_max(reader.png, 16'000'000);  // a text or profile chunk may not unpack to more
  png_read_info(reader.png, reader.info);
  const int color = png_get_color_type(reader.png, reader.info);
  if (color == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(reader.png);
  if (color == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(reader.png);
  if (color == PNG_COLOR_TYPE_PALETTE) png_set_strip_alpha(reader.png);  // a tRNS chunk would add a fourth channel
  png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
  reader.channels = png_get_channels(reader.png, reader.info);
  reader.depth = png_get_bit_depth(reader.png, reader.info);
  return true;
}

bool read_rows(Reader& reader) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_read_image(reader.png, reader.rows.data());
  png_read_end(reader.png, nullptr);
  return true;
}

// Pillow's rule: 16-bit grey without alpha is clipped at 255, every other 16-bit sample keeps its high byte.
uint8_t sample_8bit(const uint8_t* sample, const Reader& reader) {
  const bool is_clipped = reader.depth == 16 && reader.channels == 1 && sample[0] != 0;
  const bool is_low_byte = reader.depth == 16 && reader.channels == 1;
  return is_clipped ? 255 : sample[is_low_byte ? 1 : 0];
}

void store_rgb(const Reader& reader, Picture& picture) {
  const size_t width = static_cast<size_t>(reader.depth / 8);
  const size_t stride = width * static_cast<size_t>(reader.channels);
  const bool is_color = reader.channels >= 3;
  const size_t pixels = picture.rgb.size() / 3;
  const uint8_t* in = reader.samples.data();
  uint8_t* out = picture.rgb.data();
  for (size_t i = 0; i < pixels; ++i, in += stride, out += 3) {
    out[0] = sample_8bit(in, reader);
    out[1] = is_color ? sample_8bit(in + width, reader) : out[0];
    out[2] = is_color ? sample_8bit(in + 2 * width, reader) : out[0];
  }
}

InputError png_error_of(const Reader& reader, const PictureSource& source) {
  return broken_picture(source, reader.is_truncated ? "the PNG file is truncated" : "the PNG file is broken");
}

// --- writing ---

struct Writer {
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::string bytes;
  std::vector<png_bytep> rows;

  ~Writer() { png_destroy_write_struct(&png, &info); }
};

void write_bytes(png_structp png, png_bytep data, size_t count) {
  static_cast<Writer*>(png_get_io_ptr(png))->bytes.append(reinterpret_cast<const char*>(data), count);
}
void flush_bytes(png_structp) {}

bool write_picture(Writer& writer, const Picture& picture) {
  if (setjmp(png_jmpbuf(writer.png)) != 0) return false;
  png_set_write_fn(writer.png, &writer, write_bytes, flush_bytes);
  png_set_IHDR(writer.png, writer.info, static_cast<png_uint_32>(picture.width),
               static_cast<png_uint_32>(picture.height), 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  // Fixed, so that the bytes do not depend on a library's defaults.
  png_set_compression_level(writer.png, 6);
  png_set_compression_strategy(writer.png, 0);
  png_set_compression_mem_level(writer.png, 8);
  png_set_filter(writer.png, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB);
  png_write_info(writer.png, writer.info);
  png_write_image(writer.png, writer.rows.data());
  png_write_end(writer.png, nullptr);
  return true;
}

}  // namespace

Picture decode_png(const PictureSource& source) {
  Reader reader{.bytes = source.bytes};
  reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, on_error, on_warning);
  R1V_CHECK(reader.png != nullptr, "libpng does not start");
  reader.info = png_create_info_struct(reader.png);
  if (!read_header(reader)) throw png_error_of(reader, source);
  Picture picture = allocate_picture(png_get_image_width(reader.png, reader.info),
                                     png_get_image_height(reader.png, reader.info), source);
  const size_t row_bytes = png_get_rowbytes(reader.png, reader.info);
  const bool is_rgb = reader.channels == 3 && reader.depth == 8;
  if (!is_rgb) reader.samples.resize(row_bytes * static_cast<size_t>(picture.height));
  uint8_t* first_row = is_rgb ? picture.rgb.data() : reader.samples.data();
  for (size_t y = 0; y < static_cast<size_t>(picture.height); ++y) reader.rows.push_back(first_row + y * row_bytes);
  if (!read_rows(reader)) throw png_error_of(reader, source);
  if (!is_rgb) store_rgb(reader, picture);
  return picture;
}

std::string encode_png(const Picture& picture) {
  const size_t row_bytes = static_cast<size_t>(picture.width) * 3;
  R1V_CHECK(picture.width > 0 && picture.rgb.size() == row_bytes * static_cast<size_t>(picture.height), "picture of ",
            picture.width, " x ", picture.height, " has ", picture.rgb.size(), " bytes");
  Writer writer;
  writer.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, on_error, on_warning);
  R1V_CHECK(writer.png != nullptr, "libpng does not start");
  writer.info = png_create_info_struct(writer.png);
  for (size_t y = 0; y < static_cast<size_t>(picture.height); ++y) {
    writer.rows.push_back(const_cast<uint8_t*>(picture.rgb.data()) + y * row_bytes);  // libpng only reads them
  }
  R1V_CHECK(write_picture(writer, picture), "libpng cannot write ", picture.width, " x ", picture.height, " pixels");
  return std::move(writer.bytes);
}

}  // namespace r1v

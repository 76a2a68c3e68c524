// Broken and hostile picture files: refused with an InputError that names the file, or decoded; nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>

#include "base/error.h"
#include "base/file.h"
#include "base/rng.h"
#include "io/picture.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

const fs::path kPictures = fs::path(R1V_SOURCE_DIR) / "tests/golden/pictures";

std::string bytes_of(const std::string& file) { return read_file(kPictures / file); }

// The refusal, "" when there is none. Limits as small as the test pictures: a lie about the size is met at once.
std::string decode(const std::string& bytes) {
  try {
    decode_picture(bytes, "broken.file", {.max_pixels = 1'000'000, .max_side = 4096});
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

void expect_refused(const std::string& bytes, const std::string& what) {
  const std::string message = decode(bytes);
  EXPECT_THAT(message, testing::StartsWith("broken.file: ")) << what;
  EXPECT_THAT(message, Not(HasSubstr("0x"))) << what;  // no addresses from inside a library
}

std::string replaced(std::string bytes, size_t at, const std::string& with) {
  return bytes.replace(at, with.size(), with);
}

std::string big_endian(uint32_t number, size_t size = 4) {
  std::string bytes;
  for (size_t i = size; i > 0; --i) bytes += static_cast<char>(number >> (8 * (i - 1)));
  return bytes;
}

uint32_t crc32(const std::string& bytes) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
  }
  return crc ^ 0xFFFFFFFF;
}

std::string chunk(const std::string& kind, const std::string& data) {
  return big_endian(static_cast<uint32_t>(data.size())) + kind + data + big_endian(crc32(kind + data));
}

const std::string kPngStart("\x89PNG\r\n\x1a\n", 8);
// zlib stream of one stored block: 4 bytes "\0\1\2\3", their Adler-32 0x000E0007.
const std::string kFourBytes("\x78\x01\x01\x04\x00\xfb\xff\x00\x01\x02\x03\x00\x0e\x00\x07", 15);

std::string png_header(uint32_t width, uint32_t height, int depth, int color, int interlace = 0) {
  std::string data = big_endian(width) + big_endian(height);
  for (const int byte : {depth, color, 0, 0, interlace}) data += static_cast<char>(byte);
  return kPngStart + chunk("IHDR", data);
}

TEST(BrokenPicture, TruncatedFilesAreRefused) {
  for (const std::string file :
       {"png_rgb8.png", "png_rgb8_adam7.png", "png_palette4.png", "png_grey16.png", "png_animated.png",
        "jpeg_420_q90.jpg", "jpeg_420_progressive.jpg", "jpeg_grey.jpg", "jpeg_cmyk.jpg", "jpeg_exif_turned.jpg",
        "webp_lossy.webp", "webp_lossless.webp", "webp_lossy_alpha.webp", "webp_exif.webp", "webp_animated.webp",
        "gif_200.gif", "gif_interlaced.gif"}) {
    const std::string whole = bytes_of(file);
    ASSERT_EQ(decode(whole), "") << file;
    // A GIF's last bytes, end of data and end of file, are not needed for its first picture.
    const size_t needed = whole.size() - (file.ends_with(".gif") ? 4 : 0);
    for (size_t size = 0; size < needed; size += size < 64 || size + 40 > needed ? 1 : 37) {
      expect_refused(whole.substr(0, size), cat(file, " cut at ", size, " of ", whole.size()));
    }
  }
}

TEST(BrokenPicture, ClaimedSizesAreHeldAgainstTheLimits) {
  for (const auto& [width, height] : {std::pair(0u, 1u),
                                      {1u, 0u},
                                      {4097u, 1u},
                                      {1u, 4097u},
                                      {2000u, 2000u},
                                      {0x7FFFFFFFu, 0x7FFFFFFFu},
                                      {0x80000000u, 1u},
                                      {0xFFFFFFFFu, 0xFFFFFFFFu}}) {
    expect_refused(png_header(width, height, 8, 2) + chunk("IDAT", kFourBytes) + chunk("IEND", ""),
                   cat(width, " x ", height));
  }
  const std::string jpeg = bytes_of("jpeg_420_q90.jpg");
  const size_t frame = jpeg.find("\xff\xc0");
  const std::string gif = bytes_of("gif_200.gif"), webp = bytes_of("webp_animated.webp");
  for (const uint32_t size : {0u, 4097u, 65535u}) {
    const std::string wide = big_endian(size, 2);
    expect_refused(replaced(jpeg, frame + 5, wide + wide), cat("JPEG of ", size));
    if (size == 0) continue;
    const std::string little = std::string(wide.rbegin(), wide.rend());
    expect_refused(replaced(gif, 6, little + little), cat("GIF screen of ", size));
    expect_refused(replaced(gif, gif.find(std::string("\x2c\0\0\0\0", 5)) + 1, little + little),
                   cat("GIF frame at ", size));
  }
  expect_refused(replaced(webp, webp.find("VP8X") + 12, "\xff\xff\xff\xff\xff\x00"), "WebP canvas of 2^24");
}

TEST(BrokenPicture, ImpossiblePngFilesAreRefused) {
  const std::string pixels = chunk("IDAT", kFourBytes), end = chunk("IEND", "");
  ASSERT_EQ(decode(png_header(1, 1, 8, 2) + pixels + end), "");  // filter 0 and one pixel
  const std::vector<std::pair<std::string, std::string>> files = {
      {"signature only", kPngStart},
      {"no pixels", png_header(1, 1, 8, 2) + end},
      {"no header", kPngStart + pixels + end},
      {"two headers", png_header(1, 1, 8, 2) + png_header(1, 1, 8, 2).substr(8) + pixels + end},
      {"no end", png_header(1, 1, 8, 2) + pixels},
      {"too few pixels", png_header(2, 2, 8, 2) + pixels + end},
      {"empty pixels", png_header(1, 1, 8, 2) + chunk("IDAT", "") + end},
      {"pixels are not zlib", png_header(1, 1, 8, 2) + chunk("IDAT", "hello, world") + end},
      {"palette missing", png_header(1, 1, 8, 3) + pixels + end},
      {"palette of 4 bytes", png_header(1, 1, 8, 3) + chunk("PLTE", "abcd") + pixels + end},
      {"palette of 257", png_header(1, 1, 8, 3) + chunk("PLTE", std::string(257 * 3, 'a')) + pixels + end},
      {"unknown critical chunk", png_header(1, 1, 8, 2) + chunk("ABCD", "x") + pixels + end},
      {"checksum of the header", replaced(png_header(1, 1, 8, 2), 29, "abcd") + pixels + end},
      {"checksum of the pixels", png_header(1, 1, 8, 2) + replaced(pixels, pixels.size() - 4, "abcd") + end},
      {"chunk length beyond the file",
       png_header(1, 1, 8, 2) + replaced(pixels, 0, std::string("\x7f\xff\xff\xff")) + end},
      {"chunk length negative", png_header(1, 1, 8, 2) + replaced(pixels, 0, std::string("\xff\xff\xff\xff")) + end},
      {"text before a torn end", png_header(1, 1, 8, 2) + chunk("tEXt", "a") + pixels + end.substr(0, 6)},
      {"filter 9", png_header(1, 1, 8, 2) + chunk("IDAT", replaced(kFourBytes, 7, "\x09")) + end},
  };
  for (const auto& [what, bytes] : files) expect_refused(bytes, what);
  for (const auto& [depth, color] :
       {std::pair(0, 0), {3, 0}, {32, 0}, {4, 2}, {16, 3}, {2, 4}, {1, 6}, {8, 1}, {8, 5}, {8, 7}, {255, 255}}) {
    expect_refused(png_header(1, 1, depth, color) + pixels + end, cat("depth ", depth, " color ", color));
  }
  expect_refused(png_header(1, 1, 8, 2, 2) + pixels + end, "interlace method 2");
}

TEST(BrokenPicture, ImpossibleJpegFilesAreRefused) {
  const std::string jpeg = bytes_of("jpeg_444_q25.jpg");
  const size_t frame = jpeg.find("\xff\xc0"), scan = jpeg.find("\xff\xda"), tables = jpeg.find("\xff\xdb");
  const std::vector<std::pair<std::string, std::string>> files = {
      {"start only", "\xff\xd8\xff"},
      {"start and end", "\xff\xd8\xff\xd9"},
      {"no scan", jpeg.substr(0, scan) + "\xff\xd9"},
      {"12 bits", replaced(jpeg, frame + 4, "\x0c")},
      {"0 bits", replaced(jpeg, frame + 4, std::string(1, '\0'))},
      {"2 channels", replaced(jpeg, frame + 9, "\x02")},
      {"0 channels", replaced(jpeg, frame + 9, std::string(1, '\0'))},
      {"200 channels", replaced(jpeg, frame + 9, "\xc8")},
      {"sampling 0", replaced(jpeg, frame + 11, std::string(1, '\0'))},
      {"sampling 15", replaced(jpeg, frame + 11, "\xff")},
      {"table 9", replaced(jpeg, frame + 12, "\x09")},
      {"segment length 0", replaced(jpeg, frame + 2, std::string(2, '\0'))},
      {"segment length 65535", replaced(jpeg, frame + 2, "\xff\xff")},
      {"frame without tables", jpeg.substr(0, tables) + jpeg.substr(frame)},
      {"lossless frame", replaced(jpeg, frame + 1, "\xc3")},
      {"hierarchical frame", replaced(jpeg, frame + 1, "\xc5")},
      {"two frames", jpeg.substr(0, scan) + jpeg.substr(frame, scan - frame) + jpeg.substr(scan)},
      {"scan of an unknown channel", replaced(jpeg, scan + 5, "\x77")},
      {"end right after the scan header", jpeg.substr(0, scan + 14)},
  };
  for (const auto& [what, bytes] : files) expect_refused(bytes, what);
}

TEST(BrokenPicture, AProgressiveFileOfEndlessScansIsRefused) {
  const std::string jpeg = bytes_of("jpeg_grey_progressive.jpg");
  const size_t first = jpeg.find("\xff\xda");
  const size_t second = jpeg.find("\xff\xc4", first);  // tables of the next scan follow the first one's data
  ASSERT_NE(second, std::string::npos);
  std::string bytes = jpeg.substr(0, first);
  for (int i = 0; i < 600; ++i) bytes += jpeg.substr(first, second - first);
  EXPECT_THAT(decode(bytes + "\xff\xd9"), HasSubstr("more than 500 scans"));
}

TEST(BrokenPicture, ImpossibleGifAndWebpFilesAreRefused) {
  const std::string gif = bytes_of("gif_200.gif"), webp = bytes_of("webp_lossy.webp"),
                    lossless = bytes_of("webp_lossless.webp");
  const size_t frame = gif.find(std::string("\x2c\0\0\0\0", 5));
  const std::vector<std::pair<std::string, std::string>> files = {
      {"GIF without a picture", gif.substr(0, frame) + ";"},
      {"GIF with an unknown block", gif.substr(0, frame) + "?" + gif.substr(frame)},
      {"GIF of code size 0", replaced(gif, frame + 10, std::string(1, '\0'))},
      {"GIF of code size 13", replaced(gif, frame + 10, "\x0d")},
      {"GIF of code size 255", replaced(gif, frame + 10, "\xff")},
      {"GIF of a frame without pixels", replaced(gif, frame + 5, std::string(4, '\0'))},
      {"GIF without data", gif.substr(0, frame + 11) + std::string(1, '\0') + ";"},
      {"GIF with random codes", gif.substr(0, frame + 12) + std::string(gif.size() - frame - 12, '\xff')},
      {"WebP of 12 bytes", webp.substr(0, 12)},
      {"WebP of another kind", replaced(webp, 12, "ABCD")},
      {"WebP with a lying file length", replaced(webp, 4, "\xff\xff\xff\x7f")},
      {"WebP with a lying chunk length", replaced(webp, 16, "\xff\xff\xff\xff")},
      {"WebP without start code", replaced(webp, 23, "abc")},
      {"WebP lossless without signature", replaced(lossless, 20, "a")},
      {"WebP lossless of version 7", replaced(lossless, 24, "\xe0")},
  };
  for (const auto& [what, bytes] : files) expect_refused(bytes, what);
}

TEST(BrokenPicture, RandomDamageIsDecodedOrRefused) {
  Rng rng(7);
  for (const auto& entry : fs::directory_iterator(kPictures)) {
    const std::string whole = read_file(entry.path());
    for (int round = 0; round < 40; ++round) {
      std::string bytes = whole;
      for (int64_t i = rng.integer(1, 6); i > 0; --i) {
        bytes[static_cast<size_t>(rng.integer(0, static_cast<int64_t>(whole.size()) - 1))] =
            static_cast<char>(rng.integer(0, 255));
      }
      decode(bytes);  // any other exception, or a read out of bounds, fails the test
    }
  }
}

}  // namespace
}  // namespace r1v

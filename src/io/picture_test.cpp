#include "io/picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const fs::path kGolden = fs::path(R1V_SOURCE_DIR) / "tests/golden";

uint64_t fnv1a(const std::vector<uint8_t>& bytes) {
  uint64_t value = 0xCBF29CE484222325;
  for (const uint8_t byte : bytes) value = (value ^ byte) * 0x100000001B3;
  return value;
}

std::string error_of(auto&& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

// A soft gradient with a hard edge: [height, width, 3].
Picture gradient(int width, int height) {
  Picture picture{.width = width, .height = height};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      picture.rgb.push_back(static_cast<uint8_t>(x * 255 / width));
      picture.rgb.push_back(static_cast<uint8_t>(y * 255 / height));
      picture.rgb.push_back(x > width / 2 ? 200 : 30);
    }
  }
  return picture;
}

// Written by tests/golden/make_pictures.py.
TEST(Picture, EveryFormatDecodesAsPillowDoes) {
  for (const Json& entry : read_json_file(kGolden / "pictures.json")) {
    const std::string file = json_string(entry, "file", "pictures.json");
    const Picture picture = read_picture(kGolden / "pictures" / file);
    EXPECT_EQ(picture.width, json_int(entry, "width", file)) << file;
    EXPECT_EQ(picture.height, json_int(entry, "height", file)) << file;
    const auto first_bytes = entry["first_bytes"].get<std::vector<uint8_t>>();
    EXPECT_THAT(
        std::vector<uint8_t>(picture.rgb.begin(), picture.rgb.begin() + static_cast<ptrdiff_t>(first_bytes.size())),
        testing::ElementsAreArray(first_bytes))
        << file;
    EXPECT_EQ(fnv1a(picture.rgb), std::stoull(json_string(entry, "fnv1a", file), nullptr, 16)) << file;
  }
}

TEST(Picture, PngKeepsEveryPixel) {
  for (const auto& [width, height] : {std::pair(1, 1), {1, 50}, {50, 1}, {64, 48}}) {
    const Picture picture = gradient(width, height);
    const Picture back = decode_picture(encode_png(picture), "memory");
    EXPECT_EQ(back.width, width);
    EXPECT_EQ(back.height, height);
    EXPECT_EQ(back.rgb, picture.rgb);
  }
}

TEST(Picture, JpegStaysCloseAtHighQuality) {
  const Picture picture = gradient(64, 48);
  const Picture back = decode_picture(encode_jpeg(picture, 95), "memory");
  double error = 0;
  for (size_t i = 0; i < picture.rgb.size(); ++i) error += std::abs(picture.rgb[i] - back.rgb[i]);
  EXPECT_LT(error / static_cast<double>(picture.rgb.size()), 4.0);
  EXPECT_LT(encode_jpeg(picture, 10).size(), encode_jpeg(picture, 95).size());
}

TEST(Picture, TheFormatIsToldByTheBytes) {
  EXPECT_THAT(error_of([] { decode_picture("", "empty.png"); }),
              HasSubstr("empty.png: the picture is empty (0 bytes)"));
  EXPECT_THAT(error_of([] { decode_picture("<svg/>", "a.png"); }), HasSubstr("expected PNG, JPEG, WebP or GIF"));
  EXPECT_THAT(error_of([] { decode_picture("\x01\x02", "a.png"); }), HasSubstr("\\x01\\x02"));
}

TEST(Picture, LimitsHoldBeforeAnyPixelIsDecoded) {
  const std::string png = encode_png(gradient(100, 20));
  EXPECT_THAT(error_of([&] { decode_picture(png, "a.png", {.max_pixels = 1999}); }), HasSubstr("100 x 20 pixels"));
  EXPECT_EQ(error_of([&] { decode_picture(png, "a.png", {.max_pixels = 2000, .max_side = 100}); }), "no error");
  EXPECT_THAT(error_of([&] { decode_picture(png, "a.png", {.max_side = 99}); }), HasSubstr("99 a side"));
  EXPECT_THAT(error_of([&] { decode_picture(png, "a.png", {.max_bytes = 50}); }), HasSubstr("at most 50"));
  EXPECT_THROW(read_picture(kGolden / "pictures", {}), InputError);
  EXPECT_THROW(read_picture(kGolden / "none.png", {}), InputError);
}

}  // namespace
}  // namespace r1v

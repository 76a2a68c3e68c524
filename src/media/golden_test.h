// What the tests of this room share with tests/golden/make_tiling.py: its file, its noise, its hash.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/json.h"
#include "io/picture.h"

namespace r1v {

inline Json golden_tiling(const std::string& part) {
  return read_json_file(std::filesystem::path(R1V_SOURCE_DIR) / "tests/golden/tiling.json").at(part);
}

inline uint64_t golden_hash(const Json& text) { return std::stoull(text.get<std::string>(), nullptr, 16); }

inline constexpr uint64_t kFnvStart = 0xCBF29CE484222325;

inline uint64_t fnv1a(const void* data, size_t size, uint64_t value = kFnvStart) {
  const auto* bytes = static_cast<const uint8_t*>(data);
  for (size_t i = 0; i < size; ++i) value = (value ^ bytes[i]) * 0x100000001B3;
  return value;
}

/// splitmix64 of (seed, index), mixed() of the script.
inline uint64_t golden_random(uint64_t index, uint64_t seed) {
  uint64_t x = seed * 0xD1342543DE82EF95 + (index + 1) * 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

/// noise() of the script.
inline Picture golden_noise(int width, int height, uint64_t seed) {
  Picture picture{.width = width, .height = height};
  picture.rgb.resize(static_cast<size_t>(width) * static_cast<size_t>(height) * 3);
  for (size_t i = 0; i < picture.rgb.size(); ++i) {
    const uint64_t random = golden_random(i, seed);
    const bool is_hard = (random >> 9) % 3 == 0;
    picture.rgb[i] = static_cast<uint8_t>(is_hard ? ((random >> 8) & 1) * 255 : random & 255);
  }
  return picture;
}

}  // namespace r1v

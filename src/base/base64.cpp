// Four characters to three bytes and back.
#include "base/base64.h"

#include <array>
#include <cstdint>

#include "base/error.h"

namespace r1v {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::array<int8_t, 256> make_table() {
  std::array<int8_t, 256> table;
  table.fill(-1);
  for (size_t i = 0; i < kAlphabet.size(); ++i) {
    table[static_cast<unsigned char>(kAlphabet[i])] = static_cast<int8_t>(i);
  }
  return table;
}

}  // namespace

std::string decode_base64(std::string_view text, const std::string& where) {
  static const std::array<int8_t, 256> table = make_table();
  if (text.size() % 4 != 0) {
    throw InputError(
        cat(where, ": base64 of ", text.size(), " characters, expected groups of four with '=' at the end"));
  }
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  uint32_t buffer = 0;
  for (size_t i = 0; i < text.size() - padding; ++i) {
    const int8_t value = table[static_cast<unsigned char>(text[i])];
    if (value < 0) throw InputError(cat(where, ": character ", i, " is not base64 (A-Z a-z 0-9 + /)"));
    buffer = buffer << 6 | static_cast<uint32_t>(value);
    if (i % 4 == 3) {
      bytes += {static_cast<char>(buffer >> 16), static_cast<char>(buffer >> 8), static_cast<char>(buffer)};
      buffer = 0;
    }
  }
  if (padding == 1) bytes += {static_cast<char>(buffer >> 10), static_cast<char>(buffer >> 2)};
  if (padding == 2) bytes += static_cast<char>(buffer >> 4);
  return bytes;
}

std::string encode_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t buffer = 0;
    for (size_t k = 0; k < 3; ++k) {
      buffer = buffer << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (size_t k = 0; k < 4; ++k) {
      text += i + k <= bytes.size() ? kAlphabet[buffer >> (18 - 6 * k) & 63] : '=';
    }
  }
  return text;
}

}  // namespace r1v

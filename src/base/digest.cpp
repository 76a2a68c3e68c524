// Eight bytes a multiplication, the rest byte by byte.
#include "base/digest.h"

#include <bit>
#include <cstring>

#include "base/rng.h"

namespace r1v {

uint64_t digest_bytes(uint64_t before, std::string_view bytes) {
  uint64_t digest = before;
  size_t i = 0;
  for (uint64_t word = 0; i + sizeof word <= bytes.size(); i += sizeof word) {
    std::memcpy(&word, bytes.data() + i, sizeof word);
    digest = std::rotl(digest ^ word, 29) * 0x9E3779B97F4A7C15ULL;
  }
  return mix_seed(digest, bytes.substr(i));
}

std::string digest_text(uint64_t digest) {
  std::string text(16, '0');
  for (size_t i = 0; i < 16; ++i) text[15 - i] = "0123456789abcdef"[(digest >> (4 * i)) & 15];
  return text;
}

}  // namespace r1v

// Messages for broken promises, and escaping of foreign bytes.
#include "base/error.h"

#include <cstring>

namespace r1v {
namespace {

// Length of the valid UTF-8 sequence at the front of `bytes`, 0 when there is none.
size_t utf8_length(std::string_view bytes) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char first = byte(0);
  const size_t length = first < 0x80 ? 1 : (first >> 5) == 6 ? 2 : (first >> 4) == 14 ? 3 : (first >> 3) == 30 ? 4 : 0;
  if (length == 0 || length > bytes.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

}  // namespace

void check_failed(const char* condition, const char* file, int line, const std::string& message) {
  const char* base = std::strrchr(file, '/');
  throw InternalError(cat("check failed: ", condition, " at ", base != nullptr ? base + 1 : file, ":", line,
                          message.empty() ? "" : ": ", message));
}

std::string printable(std::string_view bytes, size_t limit) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (size_t i = 0; i < bytes.size();) {
    if (out.size() >= limit) return out + "...";
    const auto byte = static_cast<unsigned char>(bytes[i]);
    const size_t length = utf8_length(bytes.substr(i));
    if (length > 1 || (length == 1 && byte >= 0x20 && byte != 0x7F)) {
      out.append(bytes, i, length);
      i += length;
    } else {
      out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
      ++i;
    }
  }
  return out;
}

}  // namespace r1v

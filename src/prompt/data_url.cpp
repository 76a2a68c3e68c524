// The front of the URL, its size, then base64.
#include "prompt/data_url.h"

#include "base/base64.h"
#include "base/error.h"

namespace r1v {
namespace {

constexpr size_t kMaxBytes = 50'000'000;

}  // namespace

std::string decode_data_url(std::string_view url, const std::string& where) {
  constexpr std::string_view kFront = "data:image/", kMark = ";base64,";
  if (!url.starts_with(kFront)) {
    throw InputError(cat(where, ": found \"", printable(url, 40),
                         "\", expected \"data:image/...;base64,...\"; pictures are not fetched from the network"));
  }
  const size_t comma = url.find(',');
  if (comma == std::string_view::npos || !url.substr(0, comma + 1).ends_with(kMark)) {
    throw InputError(cat(where, ": the data URL is not base64 (\";base64,\" is missing)"));
  }
  const std::string_view text = url.substr(comma + 1);
  if (text.empty()) throw InputError(cat(where, ": the data URL is empty"));
  if (text.size() / 4 * 3 > kMaxBytes) throw InputError(cat(where, ": picture of more than ", kMaxBytes, " bytes"));
  return decode_base64(text, where);
}

}  // namespace r1v

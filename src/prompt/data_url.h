// Strict base64 data URLs, as chat requests carry pictures.
#pragma once

#include <string>
#include <string_view>

namespace r1v {

/// "data:image/...;base64,AAAA" -> bytes. The prefix must stand at the very front, the alphabet is the standard one,
/// padding must be right. throws InputError naming `where`; the decoded size is limited to 50 MB before decoding.
std::string decode_data_url(std::string_view url, const std::string& where);

}  // namespace r1v

// Base64 without tolerance: what is not exactly right is refused.
#pragma once

#include <string>
#include <string_view>

namespace r1v {

/// The bytes of RFC 4648 text: standard alphabet, padded, nothing in between; empty text is no bytes.
/// throws InputError naming `where`.
std::string decode_base64(std::string_view text, const std::string& where);

/// RFC 4648 text of the bytes, padded, on one line.
std::string encode_base64(std::string_view bytes);

}  // namespace r1v

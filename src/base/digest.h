// A number that stands for bytes: stored results know by it what they were made of. No protection against forgery.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace r1v {

/// `before` is the digest of what comes before the bytes; reads some gigabytes a second.
uint64_t digest_bytes(uint64_t before, std::string_view bytes);

/// Sixteen hexadecimal digits.
std::string digest_text(uint64_t digest);

}  // namespace r1v

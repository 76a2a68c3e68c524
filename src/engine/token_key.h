// What a stored token is, told by its content alone. Torch-free.
#pragma once

#include <cstdint>

namespace r1v {

/// Text: its id. A picture's token: the hash of the picture's pixels, shape and grid, and its place in the picture.
struct TokenKey {
  uint64_t picture = 0;  // 0 = text
  int64_t value = 0;
  uint64_t salt = 0;  // on a prompt's first token: prompts of different salts have no beginning in common
  bool operator==(const TokenKey&) const = default;
};

}  // namespace r1v

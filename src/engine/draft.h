// Guesses at the next tokens from the text so far: what came after the same few
// tokens before. Torch-free.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace r1v {

struct DraftLimits {
  int64_t max_tokens = 0;  // of a guess; 0 = none
  int64_t max_match = 4;   // last tokens that are looked for
  int64_t min_match = 2;   // a lone token says too little
};

/// What followed, the last time, on the longest run of tokens that ends `ids`
/// too: max_tokens of it, or none where there is no such run. Where the text
/// ends before, the guess goes on as if it repeated itself. A row of logits is
/// computed for every guess and the sampler draws from it as ever; a guess
/// counts only where it is what was drawn. So guesses never change a token.
std::vector<int64_t> look_up_draft(std::span<const int64_t> ids, const DraftLimits& limits);

}  // namespace r1v

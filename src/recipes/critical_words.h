// Where a chain of thought turns around: the tokens that begin words such as "Wait".
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "text/tokenizer.h"

namespace r1v {

/// Indices of the tokens with which "Wait", "Hmm" or "Alternatively" (any case, whole words) begin inside the thinking;
/// white space and punctuation in front may belong to the token. The entropy of the distributions that they were drawn
/// from tells reasoning from imitation of its words. source: Skywork R1V3 (arXiv 2507.06167), critical tokens.
/// starts_thinking  the prompt opened the thinking; otherwise ids must begin with <think>.
std::vector<int64_t> critical_tokens(std::span<const int64_t> ids, const Tokenizer& tokenizer, bool starts_thinking);

}  // namespace r1v

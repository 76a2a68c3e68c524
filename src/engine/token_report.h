// What the network thought of a token and of its rivals. Torch-free, pure.
#pragma once

#include <cstdint>
#include <span>

#include "engine/request.h"

namespace r1v {

/// Log-probabilities of softmax(logits): no temperature, no rule. `top` likeliest ids stand beside the token, the
/// smaller id first where two are equally likely. throws InputError as log_sum_exp does.
TokenReport report_token(std::span<const float> logits, int64_t id, int64_t top);

}  // namespace r1v

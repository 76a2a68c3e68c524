// How many questions a network answers right when it always takes the likeliest token.
#pragma once

#include <atomic>
#include <optional>

#include "base/json.h"
#include "recipes/rollouts.h"

namespace r1v {

/// "eval_accuracy", "eval_format", "eval_completion_tokens", "eval_undecided" (undecided answers count as wrong).
/// max_tokens  of an answer.
/// none: `stop` turned true. throws InputError: no usable question.
std::optional<Json> greedy_accuracy(const R1vModel& network, const Renderer& renderer, QuestionData& data,
                                    const EngineOptions& engine, int64_t max_tokens, const std::atomic<bool>& stop);

}  // namespace r1v

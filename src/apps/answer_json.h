// A result of the engine as the JSON that `ask --json` promises.
#pragma once

#include "apps/best_of.h"
#include "base/json.h"
#include "engine/engine.h"

namespace r1v {

/// thinking, answer, text, boxed, finish_reason, usage, timing, seed, candidates; the first sample is the answer.
Json answer_json(const GenerateResult& result, uint64_t seed, double load_s, const Election& election = {});

}  // namespace r1v

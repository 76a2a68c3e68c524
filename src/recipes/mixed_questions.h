// The offline form of selecting samples: questions that a policy answers now right, now wrong.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>

#include "recipes/rollouts.h"

namespace r1v {

struct MixedCounts {
  int64_t questions = 0, mixed = 0, all_right = 0, all_wrong = 0, undecided = 0;  // undecided: not one answer judged
  std::string text() const;
};

class LinesWriter;

/// Counts one question, and writes its line with "pass_rate" where some of its judged answers are right and some wrong.
void keep_if_mixed(const RolloutGroup& group, const QuestionData& data, LinesWriter& writer, MixedCounts& counts);

/// Samples answers to every question once and writes the lines of those with right and wrong ones to `out` (picture
/// paths moved along), with "pass_rate", the share of right answers, added. source: Skywork R1V2 (arXiv 2504.16656),
/// offline filtering.
/// none: `stop` turned true, and no file is written. throws InputError as sample_groups does.
std::optional<MixedCounts> keep_mixed_questions(const R1vModel& network, const Renderer& renderer, QuestionData& data,
                                                const SamplingParams& params, const EngineOptions& engine,
                                                const std::filesystem::path& out, const std::atomic<bool>& stop);

}  // namespace r1v

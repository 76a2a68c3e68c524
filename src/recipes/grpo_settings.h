// The options of `train grpo` checked, and as the parts of the recipe want them.
#pragma once

#include <cstdint>

#include "engine/engine.h"
#include "recipes/grpo.h"
#include "recipes/learn_set.h"
#include "recipes/rollouts.h"
#include "recipes/sampling_network.h"
#include "train/advantage.h"
#include "train/loss_grpo.h"
#include "train/sample_buffer.h"

namespace r1v {

/// Everything that can be refused before files are opened. throws InputError naming the option.
void check_grpo_options(const GrpoOptions& options);

/// Questions that a step samples.
int64_t questions_a_step(const GrpoOptions& options);
/// seed  of the step; answers of one question share it.
SamplingParams sampling_of(const GrpoOptions& options, uint64_t seed);
EngineOptions engine_of(const GrpoOptions& options, const SamplingNetwork& sampler);
/// Refuses answers and kinds that no verifier knows.
QuestionDataOptions questions_of(const GrpoOptions& options, const std::vector<std::filesystem::path>& files);
JudgeRules judge_of(const GrpoOptions& options, const RewardModel* model);
AdvantageOptions advantage_of(const GrpoOptions& options);
LearnRules learn_of(const GrpoOptions& options);
GrpoLossOptions loss_of(const GrpoOptions& options);
SampleBufferOptions buffer_of(const GrpoOptions& options);

}  // namespace r1v

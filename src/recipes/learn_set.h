// What one step learns from: fresh answers, kept ones in the place of those that teach nothing, cut into passes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "recipes/answer_groups.h"
#include "recipes/rollouts.h"
#include "train/loss_grpo.h"
#include "train/sample_buffer.h"

namespace r1v {

/// One answer to learn from. Borrows from rollouts or from kept samples, which outlive it.
struct LearnSample {
  size_t prompt = 0;  // which of LearnSet::prompts it answers
  std::span<const int64_t> ids;
  std::span<const float> old;  // log-probabilities under the policy that sampled it
  double advantage = 0;
  double weight = 0;                     // see answer_weights
  const RolloutSample* fresh = nullptr;  // null: from the buffer
  std::vector<float> reference;          // log-probabilities under the reference, once known
};

/// Indices into LearnSet::samples, those of a prompt next to each other.
using SampleList = std::vector<size_t>;

struct LearnSet {
  std::vector<const Prompt*> prompts;
  std::vector<LearnSample> samples;
  std::vector<SampleList> mini_batches;  // one optimizer step each
};

/// How many of the fresh samples teach something, and how many do with those that the buffer added.
struct EffectiveCount {
  int64_t decided = 0, fresh = 0, drawn = 0;
  double share() const { return decided == 0 ? 0.0 : static_cast<double>(fresh) / static_cast<double>(decided); }
  double share_with_buffer() const {
    return decided == 0 ? 0.0 : static_cast<double>(fresh + drawn) / static_cast<double>(decided);
  }
};

enum class FlatSamples { learn, skip };  // whether samples without an advantage go through the network

struct LearnRules {
  LossType loss = LossType::dapo;
  int64_t max_tokens = 0;  // of an answer
  bool masks_truncated = false;
  FlatSamples flat = FlatSamples::skip;
  int64_t mini_batches = 1;
};

/// Whether a fresh sample moves the policy: it was judged, is not masked and has an advantage.
bool is_effective(const RolloutSample& sample, const LearnRules& rules);
EffectiveCount count_effective(const std::vector<RolloutGroup>& groups, const LearnRules& rules);

/// A kept sample with the question it answers.
struct KeptSample {
  BufferedSample sample;
  const Prompt* prompt = nullptr;
};

/// Every kept sample stands in the place of a flat one of its mini-batch, so that weights count as many answers as were
/// sampled. Undecided samples are left out altogether.
LearnSet make_learn_set(const std::vector<RolloutGroup>& groups, const std::vector<KeptSample>& kept,
                        const LearnRules& rules);

/// The passes of one mini-batch: at most `max_groups` prompts and `max_rows` rows each (0 = no limit), but at least one
/// answer. A prompt whose answers fall into two passes is read in both.
std::vector<SampleList> cut_into_passes(const LearnSet& set, const SampleList& mini_batch, int64_t max_groups,
                                        int64_t max_rows);

/// The groups of a pass, in order.
std::vector<AnswerGroup> groups_of_pass(const LearnSet& set, const SampleList& pass);

}  // namespace r1v

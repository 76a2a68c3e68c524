// One gradient of the policy: passes over a mini-batch, losses summed with exact weights, and what they tell.
#pragma once

#include <cstdint>
#include <functional>

#include "recipes/learn_set.h"
#include "text/tokenizer.h"
#include "train/logprob.h"
#include "train/loss_grpo.h"

namespace r1v {

/// Networks and settings of an update; borrowed.
struct PolicyUpdate {
  GroupNetwork policy;
  VocabularyHead head;
  const R1vModel* reference = nullptr;  // weights at the beginning; null without a KL term
  GrpoLossOptions loss;
  double temperature = 1.0;  // that samples were drawn with
  int64_t max_groups = 1;    // a pass
  int64_t max_rows = 0;      // a pass; 0 = no limit
};

/// Sums over the tokens of an update.
struct UpdateFigures {
  double loss = 0;
  int64_t tokens = 0;  // of answers
  int64_t rows = 0;    // through the network
  int64_t idle = 0;    // answers in passes where no part that learns has a say: text, and the projector learns alone
  double kl = 0, clipped_low = 0, clipped_high = 0, ratio_max = 0;

  void add(const UpdateFigures& other);
};

/// What is measured while the weights are those that sampled: sums over fresh answers' tokens.
struct PolicyFigures {
  double entropy = 0, critical_entropy = 0;
  double difference = 0, difference_max = 0;  // |log-probability here - where it was sampled|
  int64_t tokens = 0, critical_tokens = 0, compared = 0;
};

enum class Measure { nothing, entropy, entropy_and_difference };

/// Adds the gradients of one mini-batch to the policy's parameters' (`after_pass` is called behind each pass, where
/// copies of reduced precision hand theirs on). Fills in references where they are wanted and not yet known.
class PolicyGradient final {
 public:
  PolicyGradient(const PolicyUpdate& update, const Tokenizer& tokenizer, std::function<void()> after_pass)
      : update_(update), tokenizer_(tokenizer), after_pass_(std::move(after_pass)) {}

  UpdateFigures run(LearnSet& set, const SampleList& mini_batch, Measure measure);
  const PolicyFigures& figures() const { return figures_; }

 private:
  UpdateFigures run_pass(LearnSet& set, const SampleList& pass, Measure measure);
  at::Tensor references(LearnSet& set, const SampleList& pass, std::span<const AnswerGroup> groups);
  void measure_pass(const LearnSet& set, const SampleList& pass, const LogprobEntropy& found, Measure measure);

  const PolicyUpdate& update_;
  const Tokenizer& tokenizer_;
  std::function<void()> after_pass_;
  PolicyFigures figures_;
};

}  // namespace r1v

// One sampled continuation: takes logits row by row, gives text piece by piece, knows when it is over. Torch-free.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/loop.h"
#include "engine/request.h"
#include "engine/sampler.h"
#include "engine/stop.h"
#include "engine/thinking_budget.h"
#include "text/detokenize.h"
#include "text/tokenizer.h"

namespace r1v {

/// What all sequences of one model have in common.
struct Vocabulary {
  const Tokenizer* tokenizer = nullptr;
  std::vector<int64_t> eos_ids;
  std::vector<int64_t> banned_ids;  // never drawn inside an answer: pictures' slots, roles, padding rows, ...
};

/// Banned are: every special token but the end-of-sequence ids, the thinking tags and the family's grounding tags
/// (<box>, <ref>, <quad> and Qwen's forms of them); the picture slot; rows of the model that name no token.
Vocabulary make_vocabulary(const Tokenizer& tokenizer, const std::vector<int64_t>& eos_ids, int64_t image_token_id,
                           int64_t model_rows);

/// Distinct ids, for the repetition penalty.
class SeenIds {
 public:
  void add(std::span<const int64_t> ids);
  std::span<const int64_t> list() const { return list_; }

 private:
  std::vector<bool> is_seen_;
  std::vector<int64_t> list_;
};

class Sequence {
 public:
  /// Borrows `vocabulary`. `params` are checked, and their max_tokens fits the context.
  Sequence(const Vocabulary& vocabulary, const SamplingParams& params, std::span<const int64_t> prompt_ids,
           bool starts_thinking, int64_t sample_index);

  /// Draws the next token from the model's logits for it; the new text, perhaps empty.
  StreamPiece advance(std::span<const float> logits);
  /// Ends it from outside; the text still held back comes out.
  StreamPiece cancel();

  bool is_finished() const { return is_finished_; }
  int64_t last_id() const { return completion_.ids.back(); }
  /// Complete once finished.
  const Completion& completion() const { return completion_; }

 private:
  void close_thinking_when_due();
  std::optional<FinishReason> reason_to_end(int64_t id, bool is_loop) const;
  std::string text_of(int64_t id);
  StreamPiece show(const std::string& text);
  StreamPiece finish(FinishReason reason);
  bool is_eos(int64_t id) const;

  const Vocabulary& vocabulary_;
  SamplingParams params_;
  int64_t sample_index_;
  Sampler sampler_;
  SeenIds seen_;
  std::deque<int64_t> forced_;  // ids that come next whatever the logits say
  bool was_cut_ = false;        // by the thinking budget
  LoopDetector loops_;
  Detokenizer detokenizer_;
  ThinkingBudget thinking_;
  StopMatcher stops_;
  ReasoningSplitter splitter_;
  Completion completion_;
  bool is_finished_ = false;
};

}  // namespace r1v

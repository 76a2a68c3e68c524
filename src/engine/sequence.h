// One sampled continuation: takes logits row by row, gives text piece by piece, knows when it is over. Torch-free.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "constrain/grammar.h"
#include "engine/loop.h"
#include "engine/request.h"
#include "engine/sampler.h"
#include "engine/stop.h"
#include "engine/thinking_budget.h"
#include "text/detokenize.h"
#include "text/tokenizer.h"

namespace r1v {

/// What all sequences of one model have in common.
struct AnswerVocabulary {
  const Tokenizer* tokenizer = nullptr;
  std::vector<int64_t> eos_ids;
  std::vector<int64_t> banned_ids;  // never drawn inside an answer: pictures' slots, roles, padding rows, ...
};

/// Banned are: every special token but the end-of-sequence ids, the thinking tags and the family's grounding tags
/// (<box>, <ref>, <quad> and Qwen's forms of them); the picture slot; rows of the model that name no token.
AnswerVocabulary make_vocabulary(const Tokenizer& tokenizer, const std::vector<int64_t>& eos_ids,
                                 int64_t image_token_id, int64_t model_rows);

/// Distinct ids and how often each was added, for the penalties.
class SeenIds {
 public:
  void add(std::span<const int64_t> ids);
  IdCounts counts() const { return {.ids = list_, .counts = counts_}; }

 private:
  std::vector<int64_t> list_;
  std::vector<int64_t> counts_;  // of each in the list
  std::vector<int32_t> places_;  // by id: one more than its place in the list; 0 = not there
};

/// A sample of a request with a grammar: the grammar holds from the answer's first token on. What the model thinks
/// before is free, but leads to an answer: an end of sequence inside the thinking closes it instead, so does a token
/// that would hold the tag's end and a piece of the answer. Behind the tag stands an empty line, as templates write it,
/// whether the model closed its thinking by itself or was made to; it belongs to neither side. End of sequence may come
/// where the grammar lets the answer end, and the sample is over as soon as nothing else may come. Where the tokens
/// left are just those of a short way to an end, that way is taken: an answer is whole wherever max_tokens allow one,
/// and says (finish: budget) that it was cut short. Repeating itself ends no answer of a grammar, only its thinking.
class Sequence {
 public:
  /// Borrows `vocabulary`. `params` are checked, and their max_tokens fits the context.
  Sequence(const AnswerVocabulary& vocabulary, const SamplingParams& params, std::span<const int64_t> prompt_ids,
           bool starts_thinking, int64_t sample_index);

  /// Closes the thinking with the next tokens, if it has not ended. Then as if the budget ended here.
  void end_thinking();
  /// Ids that come next whatever the logits say: those that close the thinking.
  std::span<const int64_t> forced() const { return forced_; }

  /// Draws the next token from the model's logits for it; the new text, perhaps empty. Reports come with the text that
  /// their tokens gave, or at the end.
  StreamPiece advance(std::span<const float> logits);
  /// Ends it from outside; the text still held back comes out.
  StreamPiece cancel();

  bool is_finished() const { return is_finished_; }
  int64_t last_id() const { return completion_.ids.back(); }
  /// Complete once finished.
  const Completion& completion() const { return completion_; }

 private:
  Choice next(std::span<const float> logits);
  Choice draw(std::span<const float> logits);
  void force(const std::string& text);
  Choice draw_in_grammar(std::span<const float> logits, DrawState state);
  int64_t tokens_left() const { return params_.max_tokens - static_cast<int64_t>(completion_.ids.size()); }
  bool must_leave_room() const;
  bool leaves_no_answer(int64_t id) const;
  void go_on_in_grammar(int64_t id, bool was_thinking);
  bool can_only_end() const;
  void report(std::span<const float> logits, int64_t id, const std::string& text, bool was_thinking);
  std::optional<FinishReason> reason_to_end(int64_t id, bool is_loop) const;
  std::string text_of(int64_t id);
  StreamPiece show(const std::string& text);
  StreamPiece finish(FinishReason reason);
  bool is_eos(int64_t id) const;

  const AnswerVocabulary& vocabulary_;
  SamplingParams params_;
  int64_t sample_index_;
  Sampler sampler_;
  SeenIds seen_;     // prompt and output, for the repetition penalty
  SeenIds written_;  // output, for the presence and frequency penalties
  std::vector<int64_t> forced_;
  bool was_forced_ = false;                // the last token
  bool was_cut_ = false;                   // by the thinking budget, or from outside
  std::unique_ptr<Grammar::Place> place_;  // of the answer; null without a grammar
  bool is_closing_ = false;                // the answer goes the shortest way to its end
  int64_t least_answer_tokens_ = 0;        // of a grammar, and of what closes the thinking before
  bool is_behind_tag_ = false;             // the thinking is over, nothing of the answer has come
  std::vector<TokenReport> unsaid_;        // reports of tokens whose text is held back
  LoopDetector loops_;
  Detokenizer detokenizer_;
  ThinkingBudget thinking_;
  StopMatcher stops_;
  ReasoningSplitter splitter_;
  Completion completion_;
  bool is_finished_ = false;
};

}  // namespace r1v

// Token by token: choose, detokenise, look for stop strings, split thinking from answer, decide whether it is over.
#include "engine/sequence.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"
#include "engine/token_report.h"

namespace r1v {
namespace {

bool may_be_answered(const std::string& token) {
  static constexpr std::array<std::string_view, 16> kAllowed = {"<think>",
                                                                "</think>",
                                                                "<box>",
                                                                "</box>",
                                                                "<ref>",
                                                                "</ref>",
                                                                "<quad>",
                                                                "</quad>",
                                                                "<|box_start|>",
                                                                "<|box_end|>",
                                                                "<|quad_start|>",
                                                                "<|quad_end|>",
                                                                "<|object_ref_start|>",
                                                                "<|object_ref_end|>",
                                                                "<tool_call>",
                                                                "</tool_call>"};
  return std::ranges::find(kAllowed, token) != kAllowed.end();
}

}  // namespace

AnswerVocabulary make_vocabulary(const Tokenizer& tokenizer, const std::vector<int64_t>& eos_ids,
                                 int64_t image_token_id, int64_t model_rows) {
  AnswerVocabulary vocabulary{.tokenizer = &tokenizer, .eos_ids = eos_ids};
  for (const AddedToken& token : tokenizer.added_tokens()) {
    const bool is_eos = std::ranges::find(eos_ids, token.id) != eos_ids.end();
    const bool is_slot = token.id == image_token_id;
    if (is_slot || (token.special && !is_eos && !may_be_answered(token.content))) {
      vocabulary.banned_ids.push_back(token.id);
    }
  }
  for (int64_t id = tokenizer.size(); id < model_rows; ++id) vocabulary.banned_ids.push_back(id);
  return vocabulary;
}

void SeenIds::add(std::span<const int64_t> ids) {
  for (const int64_t id : ids) {
    const auto index = static_cast<size_t>(id);
    if (index >= places_.size()) places_.resize(index + 1);
    if (places_[index] == 0) {
      list_.push_back(id);
      counts_.push_back(0);
      places_[index] = static_cast<int32_t>(list_.size());
    }
    ++counts_[static_cast<size_t>(places_[index]) - 1];
  }
}

Sequence::Sequence(const AnswerVocabulary& vocabulary, const SamplingParams& params,
                   std::span<const int64_t> prompt_ids, bool starts_thinking, int64_t sample_index)
    : vocabulary_(vocabulary),
      params_(params),
      sample_index_(sample_index),
      sampler_(params, sample_index),
      place_(params.grammar != nullptr ? params.grammar->begin() : nullptr),
      detokenizer_(*vocabulary.tokenizer, /*skip_special=*/false),
      thinking_(params.thinking_budget, starts_thinking),
      stops_(params.stop),
      splitter_(starts_thinking) {
  if (params.repetition_penalty != 1.0) seen_.add(prompt_ids);
  if (place_ != nullptr && starts_thinking) {
    least_answer_tokens_ = place_->tokens_to_end() + think_close_tokens(*vocabulary.tokenizer);
  }
  if (thinking_.must_close() || must_leave_room()) end_thinking();
}

/// For the answer that a grammar wants.
bool Sequence::must_leave_room() const {
  return place_ != nullptr && !params_.ignore_eos && thinking_.is_thinking() && tokens_left() <= least_answer_tokens_;
}

bool Sequence::is_eos(int64_t id) const {
  return std::ranges::find(vocabulary_.eos_ids, id) != vocabulary_.eos_ids.end();
}

void Sequence::force(const std::string& text) { forced_ = vocabulary_.tokenizer->encode(text, SpecialTokens::parse); }

void Sequence::end_thinking() {
  if (is_finished_ || !forced_.empty() || !thinking_.is_thinking()) return;
  force(thinking_.close_text());
  was_cut_ = true;
}

// The tokens of a sample that was to answer in a grammar must not end in the thinking, nor bring the answer's beginning
// past the grammar.
bool Sequence::leaves_no_answer(int64_t id) const {
  if (place_ == nullptr || !thinking_.is_thinking()) return false;
  if (is_eos(id)) return !params_.ignore_eos;
  const auto behind = thinking_.behind_close(vocabulary_.tokenizer->token_bytes(id));
  return behind && behind->find_first_not_of('\n') != std::string::npos;
}

Choice Sequence::draw(std::span<const float> logits) {
  DrawState state{.banned_ids = vocabulary_.banned_ids,
                  .seen_ids = seen_.counts().ids,
                  .output = written_.counts(),
                  .allowed = std::nullopt,
                  .allowed_beside = {}};
  if (place_ != nullptr && !thinking_.is_thinking()) return draw_in_grammar(logits, state);
  return sampler_.draw(logits, state);
}

Choice Sequence::draw_in_grammar(std::span<const float> logits, DrawState state) {
  if (!is_closing_) {
    if (place_->may_end() && !params_.ignore_eos) state.allowed_beside = vocabulary_.eos_ids;
    state.allowed = place_->allowed();
    const Choice drawn = sampler_.draw(logits, state);
    const bool is_free = params_.ignore_eos || is_eos(drawn.id);
    if (is_free || place_->ends_within(tokens_left() - 1, drawn.id)) return drawn;
    is_closing_ = was_cut_ = true;
    if (place_->may_end() && !vocabulary_.eos_ids.empty()) return sampler_.force(logits, vocabulary_.eos_ids.front());
  }
  return sampler_.force(logits, place_->closing_token());
}

Choice Sequence::next(std::span<const float> logits) {
  if (forced_.empty()) {
    const Choice drawn = draw(logits);
    was_forced_ = leaves_no_answer(drawn.id);
    if (!was_forced_) return drawn;
    force(thinking_.close_text());
  }
  was_forced_ = true;
  const Choice given = sampler_.force(logits, forced_.front());
  forced_.erase(forced_.begin());
  return given;
}

void Sequence::go_on_in_grammar(int64_t id, bool was_thinking) {
  if (place_ == nullptr || thinking_.is_thinking() || was_forced_) return;
  if (was_thinking) {
    if (!thinking_.ends_line()) force("\n\n");
  } else if (!is_eos(id)) {
    place_->accept(id);
  }
}

bool Sequence::can_only_end() const {
  if (place_ == nullptr || thinking_.is_thinking() || !forced_.empty() || !place_->may_end()) return false;
  return std::ranges::all_of(place_->allowed(), [](uint64_t word) { return word == 0; });
}

void Sequence::report(std::span<const float> logits, int64_t id, const std::string& text, bool was_thinking) {
  const bool is_thinking = thinking_.is_thinking();
  const bool is_break = text.find_first_not_of('\n') == std::string::npos;
  is_behind_tag_ = (was_thinking && !is_thinking) || (is_behind_tag_ && is_break);
  if (!params_.top_logprobs) return;
  TokenReport made = report_token(logits, id, *params_.top_logprobs);
  made.is_thinking = was_thinking || is_thinking || is_behind_tag_;
  completion_.reports.push_back(made);
  unsaid_.push_back(std::move(made));
}

StreamPiece Sequence::advance(std::span<const float> logits) {
  R1V_CHECK(!is_finished_, "a finished sequence was given logits");
  const bool was_thinking = thinking_.is_thinking();
  const Choice choice = next(logits);
  const int64_t id = choice.id;
  completion_.ids.push_back(id);
  completion_.logprobs.push_back(choice.logprob);
  if (params_.repetition_penalty != 1.0) seen_.add(std::span(&id, 1));
  if (has_output_penalty(params_)) written_.add(std::span(&id, 1));

  const std::string text = text_of(id);
  thinking_.push(text, was_forced_);
  completion_.thinking_tokens = thinking_.thinking_tokens();
  report(logits, id, text, was_thinking);
  StreamPiece piece = show(stops_.push(text));
  go_on_in_grammar(id, was_thinking);
  const bool is_loop = loops_.push(id);
  const bool is_stuck = is_loop && place_ != nullptr && params_.detect_loops && !params_.ignore_eos;
  if (const auto reason = reason_to_end(id, is_loop)) {
    const StreamPiece rest = finish(*reason);
    piece.thinking += rest.thinking;
    piece.answer += rest.answer;
  } else if (thinking_.must_close() || must_leave_room() || is_stuck) {
    end_thinking();
  }
  if (is_finished_ || !piece.thinking.empty() || !piece.answer.empty()) piece.reports = std::exchange(unsaid_, {});
  return piece;
}

std::optional<FinishReason> Sequence::reason_to_end(int64_t id, bool is_loop) const {
  const FinishReason by_itself = was_cut_ ? FinishReason::budget : FinishReason::stop;
  if (stops_.is_found()) return by_itself;
  if (!params_.ignore_eos && is_eos(id)) return by_itself;
  if (can_only_end()) return by_itself;
  const bool is_whole = place_ != nullptr && !thinking_.is_thinking() && forced_.empty() && place_->may_end();
  if (is_whole && is_closing_) return by_itself;
  if (!params_.ignore_eos && params_.detect_loops && is_loop && place_ == nullptr) return FinishReason::loop;
  if (tokens_left() <= 0) return is_whole && !params_.ignore_eos ? FinishReason::budget : FinishReason::length;
  return std::nullopt;
}

std::string Sequence::text_of(int64_t id) {
  // The thinking tags are text whether or not the tokenizer calls them special; end of sequence never is.
  const Tokenizer& tokenizer = *vocabulary_.tokenizer;
  const bool is_hidden =
      is_eos(id) || (tokenizer.is_special(id) && !may_be_answered(std::string(tokenizer.token_bytes(id))));
  return is_hidden ? "" : detokenizer_.push(id);
}

StreamPiece Sequence::show(const std::string& text) {
  completion_.text += text;
  const ReasoningSplitter::Piece piece = splitter_.push(text);
  completion_.thinking += piece.thinking;
  completion_.answer += piece.answer;
  return {.sample = static_cast<size_t>(sample_index_),
          .thinking = piece.thinking,
          .answer = piece.answer,
          .reports = {},
          .tokens = static_cast<int64_t>(completion_.ids.size()),
          .thinking_tokens = completion_.thinking_tokens};
}

StreamPiece Sequence::finish(FinishReason reason) {
  is_finished_ = true;
  completion_.finish = reason;
  StreamPiece last = show(stops_.push(detokenizer_.finish()) + stops_.finish());
  const ReasoningSplitter::Piece rest = splitter_.finish();
  completion_.thinking += rest.thinking;
  completion_.answer += rest.answer;
  last.thinking += rest.thinking;
  last.answer += rest.answer;
  return last;
}

StreamPiece Sequence::cancel() {
  StreamPiece last = finish(FinishReason::cancelled);
  last.reports = std::exchange(unsaid_, {});
  return last;
}

}  // namespace r1v

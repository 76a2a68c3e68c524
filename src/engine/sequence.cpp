// Token by token: choose, detokenise, look for stop strings, split thinking from answer, decide whether it is over.
#include "engine/sequence.h"

#include <algorithm>
#include <array>

#include "base/error.h"

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

Vocabulary make_vocabulary(const Tokenizer& tokenizer, const std::vector<int64_t>& eos_ids, int64_t image_token_id,
                           int64_t model_rows) {
  Vocabulary vocabulary{.tokenizer = &tokenizer, .eos_ids = eos_ids};
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
    const size_t index = static_cast<size_t>(id);
    if (index >= is_seen_.size()) is_seen_.resize(index + 1);
    if (is_seen_[index]) continue;
    is_seen_[index] = true;
    list_.push_back(id);
  }
}

Sequence::Sequence(const Vocabulary& vocabulary, const SamplingParams& params, std::span<const int64_t> prompt_ids,
                   bool starts_thinking, int64_t sample_index)
    : vocabulary_(vocabulary),
      params_(params),
      sample_index_(sample_index),
      sampler_(params, sample_index),
      detokenizer_(*vocabulary.tokenizer, /*skip_special=*/false),
      thinking_(params.thinking_budget, starts_thinking),
      stops_(params.stop),
      splitter_(starts_thinking) {
  if (params.repetition_penalty != 1.0) seen_.add(prompt_ids);
}

bool Sequence::is_eos(int64_t id) const {
  return std::ranges::find(vocabulary_.eos_ids, id) != vocabulary_.eos_ids.end();
}

void Sequence::close_thinking_when_due() {
  if (!forced_.empty() || !thinking_.must_close()) return;
  const std::vector<int64_t> ids = vocabulary_.tokenizer->encode(thinking_.close_text(), SpecialTokens::parse);
  forced_.assign(ids.begin(), ids.end());
  was_cut_ = true;
}

StreamPiece Sequence::advance(std::span<const float> logits) {
  R1V_CHECK(!is_finished_, "a finished sequence was given logits");
  close_thinking_when_due();
  const bool is_forced = !forced_.empty();
  const Choice choice =
      is_forced ? sampler_.force(logits, forced_.front()) : sampler_.draw(logits, vocabulary_.banned_ids, seen_.list());
  if (is_forced) forced_.pop_front();
  completion_.ids.push_back(choice.id);
  completion_.logprobs.push_back(choice.logprob);
  if (params_.repetition_penalty != 1.0) seen_.add(std::span(&choice.id, 1));

  const std::string text = text_of(choice.id);
  thinking_.push(text, is_forced);
  completion_.thinking_tokens = thinking_.thinking_tokens();
  StreamPiece piece = show(stops_.push(text));
  if (const auto reason = reason_to_end(choice.id, loops_.push(choice.id))) {
    const StreamPiece rest = finish(*reason);
    piece.thinking += rest.thinking;
    piece.answer += rest.answer;
  }
  return piece;
}

std::optional<FinishReason> Sequence::reason_to_end(int64_t id, bool is_loop) const {
  const FinishReason by_itself = was_cut_ ? FinishReason::budget : FinishReason::stop;
  if (stops_.is_found()) return by_itself;
  if (!params_.ignore_eos && is_eos(id)) return by_itself;
  if (!params_.ignore_eos && params_.detect_loops && is_loop) return FinishReason::loop;
  if (static_cast<int64_t>(completion_.ids.size()) >= params_.max_tokens) return FinishReason::length;
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
  return {.sample = static_cast<size_t>(sample_index_), .thinking = piece.thinking, .answer = piece.answer};
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

StreamPiece Sequence::cancel() { return finish(FinishReason::cancelled); }

}  // namespace r1v

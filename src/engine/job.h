// A request from add to its result: what it asks, what it needs for its passes, what has come of it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/engine.h"
#include "engine/picture_rows.h"
#include "engine/sequence.h"
#include "engine/token_key.h"
#include "models/mrope.h"

namespace r1v {

struct LiveSample {
  Sequence sequence;
  int64_t draft_name = 0;      // in the draft runner
  std::vector<int64_t> draft;  // guesses at the next tokens, for the coming pass
  bool is_draft_certain = false;
};

struct Job {
  GenerateRequest request;
  SamplingParams params;
  std::vector<int64_t> pictures;        // names in PictureRows
  std::vector<int64_t> slots;           // where the pictures' tokens stand in the prompt
  std::vector<int64_t> picture_begins;  // which slot each picture begins with; then their number
  Positions positions;                  // of the prompt
  std::vector<float> first_logits;      // what every sample's first token is drawn from
  std::map<int64_t, LiveSample> live;
  int64_t unfinished = 0;
  bool is_begun = false;
  std::optional<double> first_token_s;  // when
  GenerateResult result;

  int64_t prompt_tokens() const { return result.usage.prompt_tokens; }
  /// Prompt and answer so far.
  std::vector<int64_t> text(const LiveSample& sample) const;
  /// Token `index` of prompt, answer and draft put together.
  int64_t id(std::optional<int64_t> sample, int64_t index) const;
  /// Its position, in one of three streams (all equal but for pictures under M-RoPE).
  int64_t position(int64_t stream, int64_t index) const;
  bool has_streams() const { return positions.values.dim() == 2; }

  /// Slots of the prompt's tokens begin .. end-1: first, and one after the last.
  std::pair<int64_t, int64_t> slots_between(int64_t begin, int64_t end) const;
  /// Pictures of these slots.
  std::vector<int64_t> pictures_in(int64_t first_slot, int64_t end_slot) const;
  /// Once so many of its tokens are read.
  AnswerProgress progress(int64_t tokens_read) const;
  /// The rows of these slots, picture by picture. The pictures are encoded.
  std::vector<at::Tensor> picture_rows(const PictureRows& rows, int64_t first_slot, int64_t end_slot) const;
};

/// The request's parameters as they hold for its prompt and this model. throws InputError as make_job does.
SamplingParams check_request(const GenerateRequest& request, const R1vModel& model, const Renderer& renderer);

/// throws InputError: a parameter out of range; an empty prompt or one that fills the context; pictures that do not fit
/// prompt or model; a thinking budget that leaves no token for the answer.
Job make_job(const GenerateRequest& request, const R1vModel& model, const Renderer& renderer, PictureRows& rows);

/// What the prompt's tokens are by content.
std::vector<TokenKey> prompt_keys(const Job& job, const PictureRows& rows);

}  // namespace r1v

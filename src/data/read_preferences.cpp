// Two renderings of one line; the pictures are cut once.
#include "data/read_preferences.h"

#include <algorithm>

#include "base/error.h"
#include "data/preference_line.h"
#include "prompt/scored.h"
#include "prompt/supervised.h"

namespace r1v {

namespace {

/// A conversation whose last answer stands from `question_tokens` to `answer_end`.
struct Answered {
  std::vector<int64_t> input_ids;
  size_t question_tokens = 0;
  size_t answer_end = 0;  // behind it the template may print more
  at::Tensor pixels;
  std::vector<PictureGrid> grids;
};

Answered read_conversation(const Renderer& renderer, const Conversation& conversation, PairForm form, Pixels pixels) {
  if (form == PairForm::as_read) {
    ScoredPrompt scored = render_scored(renderer, conversation, pixels);
    return {.input_ids = std::move(scored.prompt.input_ids),
            .question_tokens = scored.shared_tokens,
            .answer_end = scored.answer_end,
            .pixels = std::move(scored.prompt.pixels),
            .grids = grids_of(scored.prompt.images)};
  }
  SupervisedPrompt written = supervise(renderer, conversation, pixels);
  const auto [begin, end] = last_answer(written.labels);
  written.input_ids.resize(end);  // nothing behind the end of the answer
  return {.input_ids = std::move(written.input_ids),
          .question_tokens = begin,
          .answer_end = end,
          .pixels = std::move(written.pixels),
          .grids = grids_of(written.images)};
}

void score_answer(std::span<int64_t> labels, const Answered& answered) {
  std::ranges::fill(labels.first(answered.question_tokens), kIgnoredLabel);
  std::ranges::fill(labels.subspan(answered.answer_end), kIgnoredLabel);
}

}  // namespace

std::optional<Sample> PreferenceData::read(const Json& line, const PictureAccess& access,
                                           const std::string& where) const {
  const PreferenceLine preference = parse_preference_line(line, where);
  if (preference.chosen == preference.rejected) return std::nullopt;
  const Conversation chosen = parse_conversation(answered_request(preference, preference.chosen), access, where);
  Conversation rejected = chosen;
  rejected.messages.back().parts = {{.text = preference.rejected}};
  Answered better = read_conversation(renderer(), chosen, form_, Pixels::cut);
  const Answered worse = read_conversation(renderer(), rejected, form_, Pixels::left_out);
  Sample sample{
      .input_ids = std::move(better.input_ids), .pixels = std::move(better.pixels), .grids = std::move(better.grids)};
  sample.pair = {.chosen_tokens = static_cast<int64_t>(sample.input_ids.size()),
                 .margin = preference.margin,
                 .source = preference.source};
  sample.input_ids.insert(sample.input_ids.end(), worse.input_ids.begin(), worse.input_ids.end());
  sample.labels = sample.input_ids;
  const auto second = sample.labels.begin() + sample.pair->chosen_tokens;
  score_answer(std::span(sample.labels.begin(), second), better);
  score_answer(std::span(second, sample.labels.end()), worse);
  return sample;
}

int64_t PreferenceData::counted_length(const Sample& sample) const {
  const auto all = static_cast<int64_t>(sample.input_ids.size());
  return std::max(sample.pair->chosen_tokens, all - sample.pair->chosen_tokens);
}

}  // namespace r1v

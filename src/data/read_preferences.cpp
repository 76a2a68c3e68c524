// Two renderings of one line; the pictures are cut once.
#include "data/read_preferences.h"

#include <algorithm>

#include "base/error.h"
#include "data/preference_line.h"
#include "prompt/scored.h"
#include "prompt/supervised.h"

namespace r1v {

std::optional<Sample> PreferenceData::read(const Json& line, const PictureAccess& access,
                                           const std::string& where) const {
  const PreferenceLine preference = parse_preference_line(line, where);
  if (preference.chosen == preference.rejected) return std::nullopt;
  const Conversation chosen = parse_conversation(answered_request(preference, preference.chosen), access, where);
  Conversation rejected = chosen;
  rejected.messages.back().parts = {{.text = preference.rejected}};
  ScoredPrompt better = render_scored(renderer(), chosen);
  const ScoredPrompt worse = render_scored(renderer(), rejected, Pixels::left_out);
  Sample sample{.input_ids = std::move(better.prompt.input_ids),
                .pixels = std::move(better.prompt.pixels),
                .grids = grids_of(better.prompt.images)};
  sample.pair = {.chosen_tokens = static_cast<int64_t>(sample.input_ids.size()),
                 .margin = preference.margin,
                 .source = preference.source};
  sample.input_ids.insert(sample.input_ids.end(), worse.prompt.input_ids.begin(), worse.prompt.input_ids.end());
  // Labels name the answers' tokens.
  sample.labels = sample.input_ids;
  std::fill_n(sample.labels.begin(), better.shared_tokens, kIgnoredLabel);
  std::fill_n(sample.labels.begin() + sample.pair->chosen_tokens, worse.shared_tokens, kIgnoredLabel);
  return sample;
}

int64_t PreferenceData::counted_length(const Sample& sample) const {
  const auto all = static_cast<int64_t>(sample.input_ids.size());
  return std::max(sample.pair->chosen_tokens, all - sample.pair->chosen_tokens);
}

}  // namespace r1v

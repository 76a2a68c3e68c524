// Preference lines as pairs of conversations, ready for a reward model or a policy to learn from.
#pragma once

#include <string>
#include <utility>

#include "data/line_data.h"

namespace r1v {

/// as_read     as a reward model reads a conversation (prompt/scored.h).
/// as_written  as a policy writes it: answers follow the generation prompt and end with the end-of-sequence token
///             (prompt/supervised.h).
enum class PairForm { as_read, as_written };

/// A sample is the conversation with the chosen answer and, behind it, the one with the rejected answer (Sample::pair);
/// labels name the tokens of the two answers. Lines whose two answers are equal are ties.
class PreferenceData final : public LineData {
 public:
  PreferenceData(const Renderer& renderer, LineDataOptions options, PairForm form = PairForm::as_read)
      : LineData(renderer, std::move(options)), form_(form) {}

 protected:
  std::optional<Sample> read(const Json& line, const PictureAccess& access, const std::string& where) const override;
  /// The longer of the two conversations.
  int64_t counted_length(const Sample& sample) const override;

 private:
  const PairForm form_;
};

}  // namespace r1v

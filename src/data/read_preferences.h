// Preference lines as pairs of conversations, ready for a reward model to learn from.
#pragma once

#include <string>

#include "data/line_data.h"

namespace r1v {

/// A sample is the conversation with the chosen answer and, behind it, the one with the rejected answer (Sample::pair),
/// rendered as a reward model reads them (prompt/scored.h). Lines whose two answers are equal are ties.
class PreferenceData final : public LineData {
 public:
  using LineData::LineData;

 protected:
  std::optional<Sample> read(const Json& line, const PictureAccess& access, const std::string& where) const override;
  /// The longer of the two conversations.
  int64_t counted_length(const Sample& sample) const override;
};

}  // namespace r1v

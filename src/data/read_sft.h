// Supervised data: JSON lines in four layouts, read line by line as they are wanted.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "data/line_data.h"
#include "data/sample.h"

namespace r1v {

/// Turns the layouts of other tools into a render request ({"messages": ...} whose first user turn, or the turns that
/// say <image>, hold the pictures): {"messages", "images"?}, ShareGPT {"conversations": [{"from", "value"}],
/// "system"?, "images"?} and LLaVA {"conversations", "image"}.
/// throws InputError naming `where` and the key.
Json sft_request(const Json& line, const std::string& where);

/// Conversations to learn from, or lines of ids that somebody tokenised before.
class SftData final : public LineData {
 public:
  using LineData::LineData;

 protected:
  std::optional<Sample> read(const Json& line, const PictureAccess& access, const std::string& where) const override;

 private:
  Sample read_pretokenised(const Json& line, const PictureAccess& access, const std::string& where) const;
};

}  // namespace r1v

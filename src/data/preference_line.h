// One preference line: a question and two answers to it, of which the first is the better one. Torch-free.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"

namespace r1v {

struct PreferenceLine {
  Json request;  // render request of everything before the answer: messages with their pictures placed, tools, ...
  std::string chosen, rejected;  // neither is empty; they may be equal (`pairs dedupe` drops such lines)
  std::optional<double> margin;  // by how much the chosen answer is better, where somebody said so
  std::string source;            // where the line comes from; may be empty
  std::string answer, kind;      // gold answer and its kind (verify/verify.h), where the line carries them
};

/// {"messages": [...], "images": [...]?, "chosen": "...", "rejected": "...", "margin"?, "source"?, "answer"?, "kind"?};
/// the question also as ShareGPT or LLaVA ("conversations") and in TRL's forms: "prompt" as text or messages, or none
/// and two conversations that differ only in their last message. An answer is a text or a list whose last message is
/// the assistant's. throws InputError naming place and key.
PreferenceLine parse_preference_line(const Json& line, const std::string& where);

/// The render request of the conversation that ends in `answer` (one of the line's two, or a new one).
Json answered_request(const PreferenceLine& line, const std::string& answer);

}  // namespace r1v

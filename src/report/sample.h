// One line of samples.jsonl: what was asked, what was written, and what it was worth.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"

namespace r1v {

struct SampleLine {
  std::optional<double> step;
  std::string id;
  std::string question;  // the last turn of the user, without the template's words
  std::string text;      // what the model wrote; for supervised runs all that it reads
  std::string scored;    // supervised runs: the part it learns
  std::string gold, extracted;
  bool is_judged = false;                                    // the line has a reward or an accuracy, if only null
  std::optional<double> reward;                              // all parts together
  std::optional<double> accuracy;                            // empty in a judged sample: nobody could decide
  std::optional<double> format;                              // 1 or 0
  std::optional<double> advantage, length;                   // length in tokens
  std::vector<std::pair<std::string, std::string>> reasons;  // "accuracy" and its reason, ...
  std::vector<std::pair<std::string, std::string>> others;   // every other field as text
  std::vector<std::string> pictures;                         // paths as written
};

/// Takes what is there and has the right type; nothing in a line is ever an error.
SampleLine read_sample(const Json& line);

/// The user's last turn of a rendered prompt; text without template words stays. Runs of one <TOKEN> become "<TOKEN>
/// x16".
std::string shown_prompt(std::string_view prompt);

}  // namespace r1v

// Finds the final answer in a whole model output.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace r1v {

struct Extraction {
  enum class Source {
    none,    // `problem` says why
    boxed,   // the last \boxed{}
    phrase,  // "the answer is ...", "Answer: ..."
    text,    // neither; `text` is all there is
  };
  Source source = Source::none;
  std::string text;
  std::string problem;
};

/// Only what follows the last </think> counts; a thought that never ends holds no answer. A last box that is not closed
/// is no answer either: an earlier one was not meant.
Extraction find_answer(std::string_view output);

/// What an answer without box and phrase may be, best first: the whole text when it is short, the last formula, what
/// the last sentence says behind "is" or "=", the last thing with a digit.
std::vector<std::string> loose_candidates(std::string_view text);

}  // namespace r1v

// Other tasks of the same family and level, as text: what could have been on the picture but is not.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "gym/export.h"

namespace r1v {

/// The words and numbers of a text in order, signs and punctuation left out: "points: red (-2,5)" -> points red -2 5.
std::vector<std::string> words_of(const std::string& text);
/// How many words stand in `one` but not, or not so often, in `other`.
size_t words_only_in(const std::vector<std::string>& one, const std::vector<std::string>& other);

struct Sibling {
  std::string question, answer, transcript, solution;
  std::vector<std::string> words;  // of the transcript
};

/// Drawn when first asked for; the same whatever is asked first, and from how many threads.
class Siblings {
 public:
  /// `options` gives families, split, seed and digits; it must live longer.
  explicit Siblings(const ExportOptions& options) : options_(options) {}

  const std::vector<Sibling>& of(const std::string& family, int level);

  /// A sibling with the same question and answer whose picture shows something else; null when there is none.
  const Sibling* same_answer(const Task& task, Rng& rng);
  /// The one whose transcript differs in the fewest words (but differs); null when all show the same.
  const Sibling* nearest(const Task& task, Rng& rng);

 private:
  const ExportOptions& options_;
  std::mutex mutex_;
  std::map<std::pair<std::string, int>, std::vector<Sibling>> cells_;
};

}  // namespace r1v

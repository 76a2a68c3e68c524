// A task in the making: its own random numbers, one of several phrasings, its slips and its lettered options.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/rng.h"
#include "gym/canvas.h"
#include "gym/task.h"

namespace r1v {

class Draft {
 public:
  /// The random numbers depend on family, seed and level only. level 1..5.
  Draft(const char* family, uint64_t seed, int level);

  /// Uniform in [low, high], both included.
  int number(int low, int high) { return static_cast<int>(rng.integer(low, high)); }
  bool chance(double probability) { return rng.chance(probability); }

  /// Sets question (one of the phrasings), kind and answer; clears earlier slips.
  void ask(const std::vector<std::string>& phrasings, const std::string& kind, const std::string& answer);
  void ask(const std::vector<std::string>& phrasings, int answer);
  /// A plausible wrong answer; ignored when it equals the answer or an earlier slip.
  void slip(const std::string& answer, const std::string& mistake);
  void slip(int answer, const std::string& mistake) { slip(std::to_string(answer), mistake); }
  /// Turns an asked question into a choice of four: "... (A) 3 (B) 5 (C) 8 (D) 9". The wrong options are the slips,
  /// then `spares`; the solution must be set already and gains a last step that names the letter.
  void offer_options(const std::vector<std::string>& spares);

  Rng rng;
  Task task;
};

/// "3, 5, 8"
std::string join(const std::vector<std::string>& words, const std::string& separator = ", ");
std::string join(const std::vector<int>& numbers, const std::string& separator = ", ");
/// A number of tenths as text: 25 -> "2.5", 30 -> "3", -5 -> "-0.5".
std::string tenths(int value);
/// "3/4"; "3" when the denominator is 1. Not reduced.
std::string fraction(int numerator, int denominator);
/// A dark colour for lines and text: near black at levels 1 and 2, any dark colour above.
Paint ink(Rng& rng, int level);
/// A strong colour for the thing to look at.
Paint accent(Rng& rng);
/// A mark without label and colour.
Mark place(const std::string& kind, Point center, double width, double height, int value = -1);

}  // namespace r1v

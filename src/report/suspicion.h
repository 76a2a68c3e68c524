// Which samples earned much without deserving it? The first thing to look at in a run that learns from rewards.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/sample.h"

namespace r1v {

enum class SignKind { wrong, undecided, format, length, boxes, repeat };

/// "wrong", "undecided", "format", "length", "boxes", "repeat".
std::string_view sign_name(SignKind kind);

struct Sign {
  SignKind kind;
  double weight = 0;
  std::string why;  // one short sentence
};

struct Suspicion {
  /// reward_rank times the weights of the signs: 0 is innocent.
  double score = 0;
  /// Share of the run's rewarded samples that earned less, with half of those that earned the same; 0.5 without reward.
  double reward_rank = 0.5;
  std::vector<Sign> signs;
};

/// One for each sample of one run, in their order. Lengths are compared with the samples around, since answers grow
/// while a run learns. Samples that nobody judged have no signs.
std::vector<Suspicion> find_suspicious(const std::vector<SampleLine>& samples);

}  // namespace r1v

// Signs are found one by one; how high the reward is decides what they weigh.
#include "report/suspicion.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "base/error.h"
#include "report/answer_signs.h"

namespace r1v {
namespace {

constexpr double kHighRank = 0.5;    // from here on a reward is high
constexpr double kFarLength = 4;     // times longer or shorter than the samples around
constexpr size_t kNeighbours = 100;  // samples around, both sides together
constexpr size_t kFewest = 8;        // lengths that make a median worth a word

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

// Ranks of the rewards among themselves, equals in the middle of their places.
std::vector<double> reward_ranks(const std::vector<SampleLine>& samples) {
  std::vector<double> sorted;
  for (const SampleLine& sample : samples) {
    if (sample.reward) sorted.push_back(*sample.reward);
  }
  std::ranges::sort(sorted);
  std::vector<double> ranks;
  for (const SampleLine& sample : samples) {
    double rank = 0.5;
    if (sample.reward) {
      const auto [first, last] = std::ranges::equal_range(sorted, *sample.reward);
      const auto below = static_cast<double>(first - sorted.begin()), equal = static_cast<double>(last - first);
      rank = (below + equal / 2) / static_cast<double>(sorted.size());
    }
    ranks.push_back(rank);
  }
  return ranks;
}

// The median length of the samples around each; 0 where there are too few.
std::vector<double> usual_lengths(const std::vector<SampleLine>& samples) {
  std::vector<double> usual;
  for (size_t i = 0; i < samples.size(); ++i) {
    const size_t begin = i - std::min(i, kNeighbours / 2), end = std::min(samples.size(), i + kNeighbours / 2 + 1);
    std::vector<double> lengths;
    for (size_t j = begin; j < end; ++j) {
      if (samples[j].length) lengths.push_back(*samples[j].length);
    }
    const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2);
    if (lengths.size() >= kFewest) std::ranges::nth_element(lengths, middle);
    usual.push_back(lengths.size() >= kFewest ? *middle : 0);
  }
  return usual;
}

std::string reason_for(const SampleLine& sample, std::string_view part) {
  for (const auto& [name, reason] : sample.reasons) {
    if (name == part && !reason.empty()) return ": " + reason;
  }
  return "";
}

void add_accuracy_signs(const SampleLine& sample, Suspicion& suspicion) {
  if (!sample.accuracy) {
    suspicion.signs.push_back(
        {SignKind::undecided, 2, "nobody could decide whether it is right" + reason_for(sample, "accuracy")});
    return;
  }
  const bool is_praised = suspicion.reward_rank >= kHighRank, is_learned = sample.advantage.value_or(0) > 0;
  if (*sample.accuracy > 0 || !sample.reward || (!is_praised && !is_learned)) return;
  std::string why = "wrong, yet ";
  if (is_praised) why += cat("its reward is at percentile ", std::lround(100 * suspicion.reward_rank), " of the run");
  if (is_learned) why += cat(is_praised ? ", and " : "", "its advantage is +", short_number(*sample.advantage));
  suspicion.signs.push_back({SignKind::wrong, is_praised ? 3.0 : 2.0, why});
}

void add_length_signs(const SampleLine& sample, double usual, Suspicion& suspicion) {
  if (sample.text.find_first_not_of(" \t\r\n") == std::string::npos) {
    suspicion.signs.push_back({SignKind::length, 2, "it says nothing"});
    return;
  }
  if (!sample.length || usual <= 0) return;
  const bool is_short = *sample.length * kFarLength<usual, is_long = *sample.length> usual * kFarLength;
  if (!is_short && !is_long) return;
  suspicion.signs.push_back({SignKind::length, 1,
                             cat("very ", is_short ? "short" : "long", ": ", short_number(*sample.length),
                                 " tokens, where ", short_number(usual), " are usual")});
}

void add_text_signs(const SampleLine& sample, Suspicion& suspicion) {
  const size_t boxes = num_boxes(sample.text);
  if (boxes > 1) suspicion.signs.push_back({SignKind::boxes, 2, cat(boxes, " boxes in the answer")});
  if (const std::string crowd = crowded_box(sample.text, sample.gold); !crowd.empty()) {
    suspicion.signs.push_back({SignKind::boxes, 3, crowd});
  }
  if (const std::string words = repeated_question(sample.text, sample.question); !words.empty()) {
    suspicion.signs.push_back({SignKind::repeat, 1, cat("repeats the question: \"", printable(words, 200), "\"")});
  }
}

}  // namespace

std::string_view sign_name(SignKind kind) {
  switch (kind) {
    case SignKind::wrong:
      return "wrong";
    case SignKind::undecided:
      return "undecided";
    case SignKind::format:
      return "format";
    case SignKind::length:
      return "length";
    case SignKind::boxes:
      return "boxes";
    case SignKind::repeat:
      return "repeat";
  }
  R1V_CHECK(false, "a kind of sign without a name");
}

std::vector<Suspicion> find_suspicious(const std::vector<SampleLine>& samples) {
  const std::vector<double> ranks = reward_ranks(samples), usual = usual_lengths(samples);
  std::vector<Suspicion> found(samples.size());
  for (size_t i = 0; i < samples.size(); ++i) {
    const SampleLine& sample = samples[i];
    Suspicion& suspicion = found[i];
    suspicion.reward_rank = ranks[i];
    if (!sample.is_judged) continue;
    add_accuracy_signs(sample, suspicion);
    if (sample.format && *sample.format <= 0) {
      suspicion.signs.push_back({SignKind::format, 2, "bad form" + reason_for(sample, "format")});
    }
    add_length_signs(sample, usual[i], suspicion);
    add_text_signs(sample, suspicion);
    const auto add = [](double sum, const Sign& sign) { return sum + sign.weight; };
    suspicion.score = suspicion.reward_rank * std::accumulate(suspicion.signs.begin(), suspicion.signs.end(), 0.0, add);
  }
  return found;
}

}  // namespace r1v

// Which two of a question's sampled answers become a pair.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace r1v {

/// One sampled answer as training wants it, and what is known about it.
struct JudgedSample {
  std::string text;             // whole, with the "<think>\n" that the prompt had opened
  std::string extracted;        // its final answer
  bool right = false;           // as verify says
  bool is_judged = true;        // false: no gold answer, or verify could not decide; then it is neither right nor wrong
  bool is_well_formed = true;   // false: never chosen
  std::optional<double> score;  // of a reward model
};

struct AnswerPair {
  std::string chosen, rejected;
  std::optional<double> chosen_score, rejected_score;
};

/// Up to `count` different pairs (right, wrong) of different texts; as many different wrong final answers as there are.
std::vector<AnswerPair> right_wrong_pairs(const std::vector<JudgedSample>& samples, int64_t count, uint64_t seed);
/// The shortest right answer and the longest one, when that is at least half as long again; otherwise nothing.
std::vector<AnswerPair> concise_pairs(const std::vector<JudgedSample>& samples);
/// Up to `count` pairs of different texts, no text twice: a control that knows nothing.
std::vector<AnswerPair> random_pairs(const std::vector<JudgedSample>& samples, int64_t count, uint64_t seed);

struct RewardRule {
  double threshold = 0.0;    // least distance of the scores; equal scores are never a pair
  bool asks_verify = false;  // the chosen answer must be right and the rejected one wrong
};
struct RewardPairs {
  std::vector<AnswerPair> pairs;
  int64_t close = 0;      // not far enough apart
  int64_t disagreed = 0;  // verify says otherwise
};
/// The best with the worst, the second best with the second worst, ... up to `count`, by score. Every sample has one.
RewardPairs reward_pairs(const std::vector<JudgedSample>& samples, int64_t count, const RewardRule& rule);

}  // namespace r1v

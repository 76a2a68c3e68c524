// Four rules over the same samples.
#include "recipes/pair_rules.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "base/rng.h"

namespace r1v {
namespace {

/// Those that `wanted` takes, without repeated texts.
template <typename Wanted>  // a predicate over samples
std::vector<const JudgedSample*> different(const std::vector<JudgedSample>& samples, const Wanted& wanted) {
  std::set<std::string> texts;
  std::vector<const JudgedSample*> found;
  for (const JudgedSample& sample : samples) {
    if (wanted(sample) && texts.insert(sample.text).second) found.push_back(&sample);
  }
  return found;
}

bool may_be_chosen(const JudgedSample& sample) { return sample.is_judged && sample.right && sample.is_well_formed; }
bool is_wrong(const JudgedSample& sample) { return sample.is_judged && !sample.right; }

/// In rounds: one of each final answer, then a second, ...
void spread_answers(std::vector<const JudgedSample*>& samples) {
  std::map<std::string, int64_t> seen;
  std::vector<std::pair<int64_t, const JudgedSample*>> rounds;
  for (const JudgedSample* sample : samples) rounds.emplace_back(seen[sample->extracted]++, sample);
  std::ranges::stable_sort(rounds, {}, [](const auto& entry) { return entry.first; });
  for (size_t i = 0; i < samples.size(); ++i) samples[i] = rounds[i].second;
}

AnswerPair pair_of_samples(const JudgedSample& chosen, const JudgedSample& rejected) {
  return {chosen.text, rejected.text, chosen.score, rejected.score};
}

}  // namespace

std::vector<AnswerPair> right_wrong_pairs(const std::vector<JudgedSample>& samples, int64_t count, uint64_t seed) {
  Rng rng(seed);
  auto rights = different(samples, may_be_chosen), wrongs = different(samples, is_wrong);
  rng.shuffle(rights);
  rng.shuffle(wrongs);
  spread_answers(wrongs);
  std::vector<AnswerPair> pairs;
  for (size_t k = 0; k < rights.size() * wrongs.size() && std::ssize(pairs) < count; ++k) {
    const size_t wrong = k % wrongs.size(), right = (k / wrongs.size() + wrong) % rights.size();
    pairs.push_back(pair_of_samples(*rights[right], *wrongs[wrong]));
  }
  return pairs;
}

std::vector<AnswerPair> concise_pairs(const std::vector<JudgedSample>& samples) {
  const JudgedSample *shortest = nullptr, *longest = nullptr;
  for (const JudgedSample& sample : samples) {
    if (!may_be_chosen(sample)) continue;
    if (shortest == nullptr || sample.text.size() < shortest->text.size()) shortest = &sample;
    if (longest == nullptr || sample.text.size() > longest->text.size()) longest = &sample;
  }
  if (shortest == nullptr || 2 * longest->text.size() < 3 * shortest->text.size()) return {};
  return {pair_of_samples(*shortest, *longest)};
}

std::vector<AnswerPair> random_pairs(const std::vector<JudgedSample>& samples, int64_t count, uint64_t seed) {
  Rng rng(seed);
  auto found = different(samples, [](const JudgedSample&) { return true; });
  rng.shuffle(found);
  std::vector<AnswerPair> pairs;
  for (size_t i = 0; i + 1 < found.size() && std::ssize(pairs) < count; i += 2) {
    const JudgedSample *chosen = found[i], *rejected = found[i + 1];
    if (!chosen->is_well_formed) std::swap(chosen, rejected);
    if (chosen->is_well_formed) pairs.push_back(pair_of_samples(*chosen, *rejected));
  }
  return pairs;
}

RewardPairs reward_pairs(const std::vector<JudgedSample>& samples, int64_t count, const RewardRule& rule) {
  const auto score = [](const JudgedSample* sample) {
    R1V_CHECK(sample->score.has_value(), "a sample without a score");
    return *sample->score;
  };
  auto best = different(samples, [](const JudgedSample& sample) { return sample.is_well_formed; });
  auto worst = different(samples, [](const JudgedSample&) { return true; });
  std::ranges::stable_sort(best, std::greater(), score);
  std::ranges::stable_sort(worst, std::less(), score);
  RewardPairs found;
  const size_t most = std::min({best.size(), worst.size(), static_cast<size_t>(count)});
  for (size_t k = 0; k < most; ++k) {
    const double gap = score(best[k]) - score(worst[k]);
    if (gap <= 0 && k > 0) break;  // the middle is passed
    if (gap <= 0 || gap < rule.threshold) {
      ++found.close;
    } else if (rule.asks_verify && !(may_be_chosen(*best[k]) && is_wrong(*worst[k]))) {
      ++found.disagreed;
    } else {
      found.pairs.push_back(pair_of_samples(*best[k], *worst[k]));
    }
  }
  return found;
}

}  // namespace r1v

// Who learns, how much each answer weighs, which answers share a pass.
#include "recipes/learn_set.h"

#include <algorithm>
#include <map>

#include "base/error.h"

namespace r1v {
namespace {

bool is_masked(const RolloutSample& sample, const LearnRules& rules) {
  return rules.masks_truncated && sample.is_truncated;
}

/// What one mini-batch is made of before passes are cut.
struct Share {
  std::vector<const RolloutGroup*> groups;
  std::vector<const KeptSample*> kept;
};

/// Groups in order, kept samples in turn, but never more of them than a part has flat samples.
std::vector<Share> split(const std::vector<RolloutGroup>& groups, const std::vector<KeptSample>& kept,
                         const LearnRules& rules) {
  const auto count = static_cast<size_t>(rules.mini_batches);
  std::vector<Share> parts(count);
  std::vector<int64_t> room(count, 0);
  for (size_t i = 0; i < groups.size(); ++i) {
    const size_t part = i * count / groups.size();
    parts[part].groups.push_back(&groups[i]);
    for (const RolloutSample& sample : groups[i].samples) {
      room[part] += sample.reward.is_decided() && !is_effective(sample, rules) ? 1 : 0;
    }
  }
  for (const KeptSample& sample : kept) {
    const auto part = static_cast<size_t>(std::ranges::max_element(room) - room.begin());
    R1V_CHECK(room[part]-- > 0, "more kept samples than flat ones");
    parts[part].kept.push_back(&sample);
  }
  return parts;
}

class LearnSetMaker {
 public:
  explicit LearnSetMaker(const LearnRules& rules) : rules_(rules) {}

  void add(const Share& part) {
    places_.clear();
    std::vector<int64_t> lengths;  // of all answers that count, learnt from or not
    std::vector<size_t> learners;  // which of them are learnt from
    std::vector<LearnSample> found;
    int64_t replaced = static_cast<int64_t>(part.kept.size());
    for (const RolloutGroup* group : part.groups) {
      for (const RolloutSample& sample : group->samples) {
        if (!sample.reward.is_decided()) continue;
        const bool effective = is_effective(sample, rules_);
        if (!effective && replaced-- > 0) continue;
        const bool masked = is_masked(sample, rules_);
        if (!masked && (effective || rules_.flat == FlatSamples::learn)) {
          learners.push_back(lengths.size());
          found.push_back(learner(group->question.prompt, sample));
        }
        lengths.push_back(masked ? 0 : static_cast<int64_t>(sample.ids.size()));
      }
    }
    for (const KeptSample* kept : part.kept) {
      learners.push_back(lengths.size());
      found.push_back(learner(*kept));
      lengths.push_back(static_cast<int64_t>(kept->sample.ids.size()));
    }
    const std::vector<double> weights = answer_weights(rules_.loss, lengths, rules_.max_tokens);
    for (size_t i = 0; i < found.size(); ++i) found[i].weight = weights[learners[i]];
    finish(std::move(found));
  }

  LearnSet set;

 private:
  size_t place_of(const Prompt& prompt) {
    const auto [place, is_new] = places_.emplace(&prompt, set.prompts.size());
    if (is_new) set.prompts.push_back(&prompt);
    return place->second;
  }
  LearnSample learner(const Prompt& prompt, const RolloutSample& sample) {
    return {.prompt = place_of(prompt),
            .ids = sample.ids,
            .old = sample.logprobs,
            .advantage = sample.advantage,
            .fresh = &sample};
  }
  LearnSample learner(const KeptSample& kept) {
    return {.prompt = place_of(*kept.prompt),
            .ids = kept.sample.ids,
            .old = kept.sample.logprobs,
            .advantage = kept.sample.advantage};
  }
  void finish(std::vector<LearnSample> found) {
    std::ranges::stable_sort(found, {}, &LearnSample::prompt);
    SampleList list;
    for (LearnSample& sample : found) {
      list.push_back(set.samples.size());
      set.samples.push_back(std::move(sample));
    }
    set.mini_batches.push_back(std::move(list));
  }

  const LearnRules& rules_;
  std::map<const Prompt*, size_t> places_;  // of the present mini-batch
};

}  // namespace

bool is_effective(const RolloutSample& sample, const LearnRules& rules) {
  return sample.reward.is_decided() && sample.advantage != 0 && !is_masked(sample, rules);
}

EffectiveCount count_effective(const std::vector<RolloutGroup>& groups, const LearnRules& rules) {
  EffectiveCount count;
  for (const RolloutGroup& group : groups) {
    for (const RolloutSample& sample : group.samples) {
      count.decided += sample.reward.is_decided() ? 1 : 0;
      count.fresh += is_effective(sample, rules) ? 1 : 0;
    }
  }
  return count;
}

LearnSet make_learn_set(const std::vector<RolloutGroup>& groups, const std::vector<KeptSample>& kept,
                        const LearnRules& rules) {
  LearnSetMaker maker(rules);
  for (const Share& part : split(groups, kept, rules)) maker.add(part);
  return std::move(maker.set);
}

std::vector<SampleList> cut_into_passes(const LearnSet& set, const SampleList& mini_batch, int64_t max_groups,
                                        int64_t max_rows) {
  std::vector<SampleList> passes;
  int64_t groups = 0, rows = 0;
  for (const size_t index : mini_batch) {
    const LearnSample& sample = set.samples[index];
    const auto own = static_cast<int64_t>(sample.ids.size());
    const auto prompt = static_cast<int64_t>(set.prompts[sample.prompt]->input_ids.size());
    const bool same = !passes.empty() && set.samples[passes.back().back()].prompt == sample.prompt;
    const int64_t added = own + (same ? 0 : prompt);
    const bool full = (!same && max_groups > 0 && groups == max_groups) || (max_rows > 0 && rows + added > max_rows);
    if (passes.empty() || full) {
      passes.emplace_back();
      groups = 1;
      rows = own + prompt;
    } else {
      groups += same ? 0 : 1;
      rows += added;
    }
    passes.back().push_back(index);
  }
  return passes;
}

std::vector<AnswerGroup> groups_of_pass(const LearnSet& set, const SampleList& pass) {
  std::vector<AnswerGroup> groups;
  size_t last = set.prompts.size();
  for (const size_t index : pass) {
    const LearnSample& sample = set.samples[index];
    if (sample.prompt != last) groups.push_back({.prompt = set.prompts[sample.prompt]});
    last = sample.prompt;
    groups.back().answers.push_back(sample.ids);
  }
  return groups;
}

}  // namespace r1v

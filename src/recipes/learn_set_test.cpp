// What a step learns from: who counts, who is replaced, how passes are cut.
#include "recipes/learn_set.h"

#include <gtest/gtest.h>

namespace r1v {
namespace {

RolloutSample answer(int64_t tokens, double advantage, bool is_truncated = false) {
  RolloutSample sample{.ids = std::vector<int64_t>(static_cast<size_t>(tokens), 7), .is_truncated = is_truncated};
  sample.logprobs.resize(sample.ids.size(), -1.0F);
  sample.reward.accuracy = advantage > 0 ? 1.0 : 0.0;
  sample.advantage = advantage;
  return sample;
}

RolloutSample undecided(int64_t tokens) {
  RolloutSample sample = answer(tokens, 0);
  sample.reward.accuracy.reset();
  return sample;
}

RolloutGroup group(std::vector<RolloutSample> samples, int64_t prompt_tokens = 10) {
  RolloutGroup made{.samples = std::move(samples)};
  made.question.prompt.input_ids.resize(static_cast<size_t>(prompt_tokens), 1);
  return made;
}

KeptSample kept(const RolloutGroup& of, int64_t tokens) {
  return {.sample = {.advantage = 0.5,
                     .ids = std::vector<int64_t>(static_cast<size_t>(tokens), 9),
                     .logprobs = std::vector<float>(static_cast<size_t>(tokens), -2.0F)},
          .prompt = &of.question.prompt};
}

TEST(LearnSet, CountsWhatTeachesAmongTheJudged) {
  std::vector<RolloutGroup> groups;
  groups.push_back(group({answer(3, 0.7), answer(3, -0.7), undecided(5), answer(8, -1.0, /*is_truncated=*/true)}));
  groups.push_back(group({answer(3, 0), answer(2, 0)}));
  EffectiveCount count = count_effective(groups, {});
  EXPECT_EQ(count.decided, 5);  // the undecided one stands outside
  EXPECT_EQ(count.fresh, 3);
  EXPECT_EQ(count_effective(groups, {.masks_truncated = true}).fresh, 2);
  count.drawn = 1;
  EXPECT_NEAR(count.share(), 3.0 / 5, 1e-12);
  EXPECT_NEAR(count.share_with_buffer(), 4.0 / 5, 1e-12);
}

TEST(LearnSet, WeighsAnswersAsIfFlatOnesHadBeenThere) {
  // Lengths 3, 1 learn; 2 and 4 are flat: dapo divides by all 10 tokens, grpo by 4 answers.
  std::vector<RolloutGroup> groups;
  groups.push_back(group({answer(3, 0.7), answer(1, -0.7)}));
  groups.push_back(group({answer(2, 0), answer(4, 0)}));
  const LearnSet dapo = make_learn_set(groups, {}, {.loss = LossType::dapo});
  ASSERT_EQ(dapo.samples.size(), 2U);
  EXPECT_NEAR(dapo.samples[0].weight, 0.1, 1e-12);
  const LearnSet grpo = make_learn_set(groups, {}, {.loss = LossType::grpo});
  EXPECT_NEAR(grpo.samples[0].weight, 1.0 / 12, 1e-12);
  EXPECT_NEAR(grpo.samples[1].weight, 1.0 / 4, 1e-12);
  const LearnSet all = make_learn_set(groups, {}, {.loss = LossType::grpo, .flat = FlatSamples::learn});
  EXPECT_EQ(all.samples.size(), 4U);
  EXPECT_NEAR(all.samples[3].weight, 1.0 / 16, 1e-12);
}

TEST(LearnSet, PutsKeptAnswersInThePlaceOfFlatOnes) {
  // The first flat answer, of 2 tokens, goes; one of 6 comes: 3 + 1 + 4 + 6 = 14 tokens, still 4 answers.
  std::vector<RolloutGroup> groups;
  groups.push_back(group({answer(3, 0.7), answer(1, -0.7)}));
  groups.push_back(group({answer(2, 0), answer(4, 0)}));
  const RolloutGroup earlier = group({});
  const std::vector<KeptSample> kept_samples = {kept(earlier, 6)};
  const LearnSet set = make_learn_set(groups, kept_samples, {.loss = LossType::dapo});
  ASSERT_EQ(set.samples.size(), 3U);
  for (const LearnSample& sample : set.samples) EXPECT_NEAR(sample.weight, 1.0 / 14, 1e-12);
  EXPECT_EQ(set.samples[2].fresh, nullptr);
  EXPECT_EQ(set.samples[2].old[0], -2.0F);  // from when it was sampled
  EXPECT_EQ(set.prompts[set.samples[2].prompt], &earlier.question.prompt);
}

TEST(LearnSet, AKeptAnswerToAQuestionOfThisStepSharesItsPrompt) {
  std::vector<RolloutGroup> groups;
  groups.push_back(group({answer(3, 0.7), answer(1, 0)}));
  const std::vector<KeptSample> kept_samples = {kept(groups[0], 6)};
  const LearnSet set = make_learn_set(groups, kept_samples, {});
  EXPECT_EQ(set.prompts.size(), 1U);
  const auto passes = cut_into_passes(set, set.mini_batches.front(), 4, 0);
  ASSERT_EQ(passes.size(), 1U);
  EXPECT_EQ(groups_of_pass(set, passes.front()).front().rows(), 10 + 3 + 6);
}

TEST(LearnSet, SplitsQuestionsIntoMiniBatchesWithWeightsOfTheirOwn) {
  std::vector<RolloutGroup> groups;
  for (int i = 0; i < 4; ++i) groups.push_back(group({answer(2, 0.7), answer(2, -0.7)}));
  const LearnSet set = make_learn_set(groups, {}, {.loss = LossType::dapo, .mini_batches = 2});
  ASSERT_EQ(set.mini_batches.size(), 2U);
  EXPECT_EQ(set.mini_batches[1].size(), 4U);
  EXPECT_NEAR(set.samples[0].weight, 1.0 / 8, 1e-12);
}

TEST(LearnSet, MaskedAnswersAreNotLearntFromAndCountAsAnswersOnly) {
  std::vector<RolloutGroup> groups;
  groups.push_back(group({answer(4, 0.7), answer(6, -0.7, /*is_truncated=*/true)}));
  const LearnSet set = make_learn_set(groups, {}, {.loss = LossType::grpo, .masks_truncated = true});
  ASSERT_EQ(set.samples.size(), 1U);
  EXPECT_NEAR(set.samples[0].weight, 1.0 / 8, 1e-12);  // 2 answers, 4 tokens
}

TEST(CutIntoPasses, KeepsToQuestionsAndRowsAndNeverLosesAnAnswer) {
  std::vector<RolloutGroup> groups;
  for (int i = 0; i < 3; ++i) groups.push_back(group({answer(5, 0.7), answer(5, -0.7)}));
  const LearnSet set = make_learn_set(groups, {}, {});
  const SampleList& all = set.mini_batches.front();
  EXPECT_EQ(cut_into_passes(set, all, 2, 0), (std::vector<SampleList>{{0, 1, 2, 3}, {4, 5}}));
  // 10 + 5 + 5 rows a question: 15 rows hold a prompt and one answer.
  EXPECT_EQ(cut_into_passes(set, all, 0, 15), (std::vector<SampleList>{{0}, {1}, {2}, {3}, {4}, {5}}));
  EXPECT_EQ(cut_into_passes(set, all, 0, 40), (std::vector<SampleList>{{0, 1, 2, 3}, {4, 5}}));
  EXPECT_EQ(cut_into_passes(set, all, 0, 1).size(), 6U);  // too small for any: one answer each
}

}  // namespace
}  // namespace r1v

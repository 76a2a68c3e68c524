// The buffer keeps, forgets, draws by weight, and survives a checkpoint.
#include "train/sample_buffer.h"

#include <gtest/gtest.h>

#include <map>

#include "base/error.h"
#include "models/golden_network.h"

namespace r1v {
namespace {

BufferedSample sample(int64_t question, int64_t version, double advantage) {
  return {.question = question, .version = version, .advantage = advantage, .ids = {question, 7}, .logprobs = {-1, -2}};
}

std::vector<int64_t> questions(const SampleBuffer& buffer) {
  std::vector<int64_t> found;
  for (const BufferedSample& kept : buffer.samples()) found.push_back(kept.question);
  return found;
}

TEST(SampleBuffer, ForgetsTheOldestBeyondItsCapacityAndWhatIsTooOld) {
  SampleBuffer buffer({.capacity = 3, .max_age = 2});
  for (int64_t step = 0; step < 4; ++step) buffer.add(sample(step, step, 1.0));
  EXPECT_EQ(questions(buffer), (std::vector<int64_t>{1, 2, 3}));
  buffer.drop_older(4);  // ages 3, 2, 1
  EXPECT_EQ(questions(buffer), (std::vector<int64_t>{2, 3}));
}

TEST(SampleBuffer, DrawsDifferentSamplesAndNoMoreThanThereAre) {
  SampleBuffer buffer({.capacity = 8});
  for (int64_t i = 0; i < 5; ++i) buffer.add(sample(i, 0, 0.5));
  Rng rng(1);
  std::map<int64_t, int> seen;
  for (const BufferedSample& drawn : buffer.draw(9, rng)) ++seen[drawn.question];
  EXPECT_EQ(seen.size(), 5U);
  EXPECT_EQ(buffer.size(), 5);  // they stay
  EXPECT_TRUE(SampleBuffer({.capacity = 8}).draw(3, rng).empty());
}

TEST(SampleBuffer, DrawsByTheSizeOfTheAdvantage) {
  // Weights 1^2, |-2|^2, 3^2 of 14 (+ 1e-4 each): of 14,000 draws about 1,000, 4,000 and 9,000; 3 deviations are 180.
  SampleBuffer buffer({.capacity = 3, .alpha = 2.0});
  buffer.add(sample(1, 0, 1.0));
  buffer.add(sample(2, 0, -2.0));
  buffer.add(sample(3, 0, 3.0));
  Rng rng(2);
  std::map<int64_t, int> seen;
  for (int i = 0; i < 14000; ++i) ++seen[buffer.draw(1, rng).front().question];
  EXPECT_NEAR(seen[1], 1000, 100);
  EXPECT_NEAR(seen[2], 4000, 170);
  EXPECT_NEAR(seen[3], 9000, 180);
}

TEST(SampleBuffer, ComesBackToTheBitFromAFile) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "buffer.safetensors";
  SampleBuffer buffer({.capacity = 3});
  buffer.add({.question = 4, .version = 9, .advantage = 1.0 / 3.0, .ids = {1, 2, 3}, .logprobs = {-0.1F, -7e-8F, -30}});
  buffer.add(sample(2, 8, -0.7));
  buffer.save(file);
  SampleBuffer again({.capacity = 3});
  again.load(file);
  EXPECT_EQ(again.samples(), buffer.samples());
  SampleBuffer empty({});
  empty.save(file);
  again.load(file);
  EXPECT_EQ(again.size(), 0);
}

TEST(SampleBuffer, RefusesAFileWhoseListsDoNotFit) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "buffer.safetensors";
  const at::Tensor one = at::tensor({int64_t{1}}, at::kLong);
  write_safetensors(file, {{"questions", one},
                           {"versions", one},
                           {"advantages", at::ones({1}, at::kDouble)},
                           {"lengths", at::tensor({int64_t{5}}, at::kLong)},
                           {"ids", one},
                           {"logprobs", at::zeros({1})}});
  SampleBuffer buffer({.capacity = 3});
  EXPECT_THROW(buffer.load(file), InputError);
}

}  // namespace
}  // namespace r1v

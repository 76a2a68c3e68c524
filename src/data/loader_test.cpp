// The order of samples: complete, shuffled by seed, the same with any number of threads, resumable anywhere.
#include "data/loader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "data/read_sft.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

/// Pretokenised samples 0..N-1: sample i has 3 + i % 5 tokens, the first of them i.
class LoaderTest : public testing::Test {
 protected:
  static constexpr int64_t kSamples = 23;

  LoaderTest() : renderer_(fs::path(R1V_SOURCE_DIR) / "tests/golden/sft") {
    folder_ = fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::create_directories(folder_);
    std::string text;
    for (int64_t i = 0; i < kSamples; ++i) {
      Json ids = Json::array({i});
      while (static_cast<int64_t>(ids.size()) < 3 + i % 5) ids.push_back(200);
      text += dump_json({{"input_ids", ids}, {"labels", ids}}) + "\n";
    }
    write_file_atomic(folder_ / "data.jsonl", text);
  }
  ~LoaderTest() override { fs::remove_all(folder_); }

  SftData data(int64_t max_length = 0) const {
    return {renderer_, {.files = {folder_ / "data.jsonl"}, .max_length = max_length, .vocab_size = 264}};
  }

  /// First tokens of the documents of each batch of one epoch.
  static std::vector<std::vector<int64_t>> epoch(Loader& loader) {
    std::vector<std::vector<int64_t>> batches;
    while (const auto batch = loader.next()) batches.push_back(documents(*batch));
    return batches;
  }
  static std::vector<int64_t> documents(const PackedBatch& batch) {
    std::vector<int64_t> firsts;
    int64_t begin = 0;
    for (const int64_t length : batch.lengths) {
      firsts.push_back(batch.input_ids_T[begin].item<int64_t>());
      begin += length;
    }
    return firsts;
  }

  Renderer renderer_;
  fs::path folder_;
};

TEST_F(LoaderTest, EveryEpochShowsEverySampleOnceInAnotherOrder) {
  const SftData samples = data();
  Loader loader(samples, {.batch_size = 4, .seed = 3});
  const auto first = epoch(loader), second = epoch(loader);
  EXPECT_EQ(first.size(), 6);  // 23 = 5 * 4 + 3
  EXPECT_EQ(loader.count_batches(0), 6);
  EXPECT_EQ(loader.epoch(), 2);
  for (const auto& batches : {first, second}) {
    std::set<int64_t> seen;
    for (const auto& batch : batches) seen.insert(batch.begin(), batch.end());
    EXPECT_EQ(seen.size(), kSamples);
  }
  EXPECT_NE(first, second);
}

TEST_F(LoaderTest, ThreadsChangeNothingAndTheSeedDoes) {
  const SftData samples = data();
  for (const Packing packing : {Packing::off, Packing::on}) {
    LoaderOptions options{.batch_size = 3, .bin_tokens = 12, .packing = packing, .seed = 5, .threads = 0};
    Loader alone(samples, options);
    const auto expected = epoch(alone);
    options.threads = 4;
    Loader together(samples, options);
    EXPECT_EQ(epoch(together), expected);
    options.seed = 6;
    Loader other(samples, options);
    EXPECT_NE(epoch(other), expected);
  }
}

TEST_F(LoaderTest, ResumesAtEveryBatchWithTheSameRest) {
  const SftData samples = data();
  for (const Packing packing : {Packing::off, Packing::on}) {
    const LoaderOptions options{.batch_size = 2, .bin_tokens = 8, .packing = packing, .seed = 1, .threads = 2};
    for (int taken = 0; taken < 10; ++taken) {
      Loader loader(samples, options);
      for (int i = 0; i < taken; ++i) loader.next();
      Loader resumed(samples, options);
      resumed.restore(loader.position());
      EXPECT_EQ(epoch(resumed), epoch(loader)) << taken;
      EXPECT_EQ(epoch(resumed), epoch(loader)) << taken << ", the epoch after";
    }
  }
}

TEST_F(LoaderTest, PackedBatchesAreFullButNeverTooFull) {
  const SftData samples = data();
  const LoaderOptions options{.batch_size = 1, .bin_tokens = 12, .packing = Packing::on, .seed = 2};
  Loader loader(samples, options);
  int64_t batches = 0;
  std::set<int64_t> seen;
  while (const auto batch = loader.next()) {
    EXPECT_LE(batch->num_tokens(), 12);
    const auto firsts = documents(*batch);
    seen.insert(firsts.begin(), firsts.end());
    ++batches;
  }
  EXPECT_EQ(seen.size(), kSamples);
  EXPECT_EQ(batches, loader.count_batches(0));
}

TEST_F(LoaderTest, LeavesLongSamplesOutAndCountsThemOnce) {
  const SftData samples = data(/*max_length=*/6);  // samples 4, 9, 14, 19 have 7 tokens
  Loader loader(samples, {.batch_size = 23});
  EXPECT_EQ(epoch(loader).at(0).size(), 19);
  epoch(loader);
  EXPECT_EQ(samples.num_too_long(), 4);
}

TEST_F(LoaderTest, RefusesAPositionOfOtherData) {
  const SftData samples = data();
  Loader loader(samples, {});
  Json position = loader.position();
  position["samples"] = 24;
  EXPECT_THROW(loader.restore(position), InputError);
  Loader another(samples, {.seed = 1});
  EXPECT_THROW(another.restore(loader.position()), InputError);
  for (const auto& [key, value] : {std::pair("epoch", -1), {"first", 24}, {"first", -1}, {"taken", -1}}) {
    Json damaged = loader.position();
    damaged[key] = value;
    EXPECT_THROW(loader.restore(damaged), InputError) << key << " " << value;
  }
}

TEST_F(LoaderTest, RefusesAPositionOverOtherLinesAsMany) {
  const SftData samples = data();
  const Json position = Loader(samples, {}).position();
  std::string text = read_file(folder_ / "data.jsonl");
  text.replace(text.find("200"), 3, "201");
  write_file_atomic(folder_ / "data.jsonl", text);
  const SftData others = data();
  Loader loader(others, {});
  try {
    loader.restore(position);
    FAIL() << "other lines were accepted";
  } catch (const InputError& error) {
    const std::string expected = cat("found the digest ", others.digest(), ", expected ", samples.digest());
    EXPECT_NE(std::string(error.what()).find(expected), std::string::npos) << error.what();
  }
  Json before = position;
  before.erase("lines");
  loader.restore(before);  // as older checkpoints have it
}

TEST_F(LoaderTest, PretokenisedLinesAreCheckedAtTheDoor) {
  const auto error_of = [&](const std::string& line) -> std::string {
    write_file_atomic(folder_ / "bad.jsonl", line + "\n");
    const SftData bad(renderer_, {.files = {folder_ / "bad.jsonl"}, .vocab_size = 264});
    try {
      bad.sample(0);
    } catch (const InputError& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_NE(error_of(R"({"input_ids":[1,264],"labels":[1,2]})").find("bad.jsonl line 1: \"input_ids\" holds 264"),
            std::string::npos);
  EXPECT_NE(error_of(R"({"input_ids":[1,2],"labels":[1,-1]})").find("\"labels\" holds -1"), std::string::npos);
  EXPECT_NE(error_of(R"({"input_ids":[1,2]})").find("labels"), std::string::npos);
  EXPECT_NE(error_of(R"({"input_ids":[1,2],"labels":[-100,-100]})").find("no token is scored"), std::string::npos);
  EXPECT_NE(error_of(R"({"input_ids":[1,261],"labels":[1,2]})").find("1 image tokens but the pictures become 0"),
            std::string::npos);
  EXPECT_NE(
      error_of(R"({"input_ids":[1,261],"labels":[1,2],"images":["../../etc/passwd"]})").find("bad.jsonl line 1: "),
      std::string::npos);
  EXPECT_NE(error_of("{\"input_ids\":").find("bad.jsonl line 1"), std::string::npos);
}

}  // namespace
}  // namespace r1v

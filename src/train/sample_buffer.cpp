// A queue, a weighted draw without replacement, and a file of flat lists.
#include "train/sample_buffer.h"

#include <ATen/ATen.h>

#include <cmath>
#include <numeric>

#include "base/error.h"
#include "io/safetensors.h"

namespace r1v {
namespace {

constexpr double kLeastWeight = 1e-4;

template <typename T>
std::vector<T> read_list(const SafetensorsFile& file, const std::string& name, at::ScalarType dtype) {
  const at::Tensor values = file.tensor(name).contiguous();
  if (values.scalar_type() != dtype || values.dim() != 1) {
    throw InputError(cat(file.path().string(), ": ", name, " is no list of samples; is the checkpoint damaged?"));
  }
  const T* const data = values.const_data_ptr<T>();
  return {data, data + values.numel()};
}

}  // namespace

void SampleBuffer::drop_older(int64_t version) {
  std::erase_if(samples_, [&](const BufferedSample& sample) { return version - sample.version > options_.max_age; });
}

void SampleBuffer::add(BufferedSample sample) {
  R1V_CHECK(sample.advantage != 0 && sample.ids.size() == sample.logprobs.size(), "a sample that teaches nothing");
  samples_.push_back(std::move(sample));
  while (size() > options_.capacity) samples_.pop_front();
}

std::vector<BufferedSample> SampleBuffer::draw(int64_t count, Rng& rng) const {
  std::vector<double> weights;
  for (const BufferedSample& sample : samples_) {
    weights.push_back(std::pow(std::abs(sample.advantage), options_.alpha) + kLeastWeight);
  }
  std::vector<BufferedSample> drawn;
  while (static_cast<int64_t>(drawn.size()) < std::min(count, size())) {
    double left = rng.uniform() * std::accumulate(weights.begin(), weights.end(), 0.0);
    size_t chosen = samples_.size();
    for (size_t i = 0; i < weights.size() && (chosen == samples_.size() || left >= 0); ++i) {
      if (weights[i] == 0) continue;
      chosen = i;  // rounding may leave a crumb behind the last sample: it belongs to that one
      left -= weights[i];
    }
    weights[chosen] = 0;
    drawn.push_back(samples_[chosen]);
  }
  return drawn;
}

void SampleBuffer::save(const std::filesystem::path& path) const {
  std::vector<int64_t> questions, versions, lengths, ids;
  std::vector<double> advantages;
  std::vector<float> logprobs;
  for (const BufferedSample& sample : samples_) {
    questions.push_back(sample.question);
    versions.push_back(sample.version);
    advantages.push_back(sample.advantage);
    lengths.push_back(static_cast<int64_t>(sample.ids.size()));
    ids.insert(ids.end(), sample.ids.begin(), sample.ids.end());
    logprobs.insert(logprobs.end(), sample.logprobs.begin(), sample.logprobs.end());
  }
  write_safetensors(path, {{"questions", at::tensor(questions, at::kLong)},
                           {"versions", at::tensor(versions, at::kLong)},
                           {"advantages", at::tensor(advantages, at::kDouble)},
                           {"lengths", at::tensor(lengths, at::kLong)},
                           {"ids", at::tensor(ids, at::kLong)},
                           {"logprobs", at::tensor(logprobs, at::kFloat)}});
}

void SampleBuffer::load(const std::filesystem::path& path) {
  const SafetensorsFile file(path);
  const auto questions = read_list<int64_t>(file, "questions", at::kLong);
  const auto versions = read_list<int64_t>(file, "versions", at::kLong);
  const auto advantages = read_list<double>(file, "advantages", at::kDouble);
  const auto lengths = read_list<int64_t>(file, "lengths", at::kLong);
  const auto ids = read_list<int64_t>(file, "ids", at::kLong);
  const auto logprobs = read_list<float>(file, "logprobs", at::kFloat);
  const size_t count = questions.size();
  int64_t tokens = 0;
  for (const int64_t length : lengths) tokens = length < 0 ? -1 : tokens + length;
  if (versions.size() != count || advantages.size() != count || lengths.size() != count ||
      tokens != static_cast<int64_t>(ids.size()) || logprobs.size() != ids.size()) {
    throw InputError(cat(path.string(), ": its lists do not fit each other; is the checkpoint damaged?"));
  }
  samples_.clear();
  int64_t begin = 0;
  for (size_t i = 0; i < count; ++i) {
    const int64_t end = begin + lengths[i];
    add({.question = questions[i],
         .version = versions[i],
         .advantage = advantages[i],
         .ids = {ids.begin() + begin, ids.begin() + end},
         .logprobs = {logprobs.begin() + begin, logprobs.begin() + end}});
    begin = end;
  }
}

}  // namespace r1v

// The Selective Sample Buffer: samples that taught something, kept for steps in which the fresh ones teach nothing.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <vector>

#include "base/rng.h"

namespace r1v {

/// One sampled answer and what is needed to learn from it again.
struct BufferedSample {
  int64_t question = 0;  // which line of the data asked it
  int64_t version = 0;   // step whose policy sampled it
  double advantage = 0;  // never 0
  std::vector<int64_t> ids;
  std::vector<float> logprobs;  // from when it was sampled, one an id

  bool operator==(const BufferedSample&) const = default;
};

struct SampleBufferOptions {
  int64_t capacity = 0;  // samples; the oldest go first
  double alpha = 1.0;    // a sample is drawn with weight |advantage|^alpha + 1e-4
  int64_t max_age = 2;   // in steps: older ones go
};

/// The paper (Skywork R1V2, arXiv 2504.16656, section on SSB) prints no formula; this is the form of the concurrent
/// VL-Rethinker (arXiv 2504.08837): weights |A|^alpha, a bounded queue. Ours: samples age by policy versions, and their
/// ratio is taken to the policy that sampled them.
class SampleBuffer final {
 public:
  explicit SampleBuffer(const SampleBufferOptions& options) : options_(options) {}

  int64_t size() const { return static_cast<int64_t>(samples_.size()); }
  const std::deque<BufferedSample>& samples() const { return samples_; }

  /// Forgets what is older than max_age in step `version`.
  void drop_older(int64_t version);
  /// Up to `count` different samples, each next one by weight among those left. The buffer keeps them.
  std::vector<BufferedSample> draw(int64_t count, Rng& rng) const;
  /// The newest; beyond the capacity the oldest go.
  void add(BufferedSample sample);

  /// One safetensors file. load() gives back the same buffer, to the bit, and throws InputError when the file is not
  /// one of these.
  void save(const std::filesystem::path& path) const;
  void load(const std::filesystem::path& path);

 private:
  SampleBufferOptions options_;
  std::deque<BufferedSample> samples_;
};

}  // namespace r1v

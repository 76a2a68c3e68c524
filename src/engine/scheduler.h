// Who is in the next pass: a plan is a value, made from counts alone. Torch-free.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace r1v {

struct SchedulerLimits {
  int64_t max_batch = 32;        // samples decoded together
  int64_t prefill_chunk = 4096;  // prompt tokens a pass
};

/// Sample `sample` of request `request`.
struct SampleName {
  size_t request = 0;
  int64_t sample = 0;
  bool operator==(const SampleName&) const = default;
};

/// What one forward pass does: a piece of some prompts, or one token of every live sample.
struct StepPlan {
  enum class Kind { idle, prefill, decode } kind = Kind::idle;
  struct Chunk {
    size_t request = 0;
    int64_t past = 0;   // prompt tokens of earlier passes
    int64_t count = 0;  // prompt tokens of this pass
    bool is_last = false;
  };
  std::vector<Chunk> chunks;        // prefill
  std::vector<SampleName> samples;  // decode
};

/// First come, first served. A prompt is read when a place in the batch is free, in chunks; its samples then start one
/// by one as places allow (n may be larger than the batch) and share what was read. Reading prompts goes before
/// decoding, so that passes stay full.
class Scheduler {
 public:
  explicit Scheduler(const SchedulerLimits& limits);

  /// The new request's number: 0, 1, 2, ...
  size_t add(int64_t prompt_tokens, int64_t samples);

  StepPlan plan() const;
  /// A planned pass has been made.
  void commit(const StepPlan& plan);

  struct Start {
    SampleName name;
    bool is_last_of_request = false;  // nobody needs the prompt's own keys and values after this one
  };
  /// A sample whose prompt is read and that has a place: it is live from now on. Empty when there is none.
  std::optional<Start> start_next();
  /// A live sample is over.
  void finish(const SampleName& name);
  /// Forgets everything of a request that is not live yet.
  void drop(size_t request);

  const std::vector<SampleName>& live() const { return live_; }
  bool has_work() const { return !live_.empty() || !waiting_.empty() || !ready_.empty(); }

  /// Everything that is wrong with the present state, in words; for storms.
  std::vector<std::string> violations() const;

 private:
  struct Waiting {
    size_t request = 0;
    int64_t prompt_tokens = 0;
    int64_t read_tokens = 0;
    int64_t samples = 0;
  };
  struct Ready {
    size_t request = 0;
    int64_t next_sample = 0;
    int64_t samples = 0;
  };

  SchedulerLimits limits_;
  size_t requests_ = 0;
  std::deque<Waiting> waiting_;
  std::deque<Ready> ready_;
  std::vector<SampleName> live_;
};

}  // namespace r1v

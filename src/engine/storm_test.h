// For tests: a scheduler in a storm of requests, on a double of the model whose
// memory tells what every row should hold.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "engine/invariants.h"
#include "engine/scheduler.h"

namespace r1v::testing_storm {

/// A stored row is a hash of all tokens up to its own, and the next token is
/// drawn from that hash: whoever sees a wrong row, or a right one in a wrong
/// place, answers otherwise.
uint64_t row_behind(uint64_t before, const TokenKey& token);
int64_t draw(uint64_t row, int64_t sample);

struct StormLimits {
  int64_t steps = 1000;
  int64_t requests_at_once = 6;
  SchedulerLimits scheduler;
};

/// Limits that make every kind of trouble likely: few blocks, few places, few
/// rows.
StormLimits random_limits(Rng& rng, int64_t steps);

class Storm {
 public:
  Storm(uint64_t seed, const StormLimits& limits);
  /// Everything that went wrong, at most a few; empty = all was well.
  std::vector<std::string> run();

  struct Counts {
    int64_t steps = 0, requests = 0, cancelled = 0, preempted = 0, adopted = 0, drafts = 0, accepted = 0, copies = 0;
  };
  const Counts& counts() const { return counts_; }

 private:
  struct Job {
    ScheduledRequest request;
    std::map<int64_t, std::vector<int64_t>> answers;
    std::set<int64_t> live;
    bool is_begun = false;
  };
  void add();
  void cancel();
  void start();
  void propose();
  void carry_out(const StepPlan& plan);
  void store_part(const StepPart& part);
  void answer(const StepPart& part);
  bool give(const SampleName& name, uint64_t row, std::vector<int64_t>& ids);
  void end_if_over(const SampleName& name);
  void expect(const std::vector<std::string>& violations);
  std::vector<int64_t> alone(const ScheduledRequest& request, int64_t sample) const;
  TokenKey token(const StepPart& part, int64_t index) const;
  std::vector<uint64_t> rows_of(const StepPart& part) const;

  Rng rng_;
  StormLimits limits_;
  Scheduler scheduler_;
  std::vector<std::vector<uint64_t>> memory_;  // [block][row]
  std::map<size_t, Job> jobs_;
  std::map<std::pair<size_t, int64_t>, std::vector<int64_t>> guesses_;
  std::vector<std::string> wrong_;
  Counts counts_;
};

}  // namespace r1v::testing_storm

// One reward model behind the compute thread: conversations come from any thread, a pass of them is scored a turn.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/model_host.h"
#include "engine/reward_model.h"
#include "engine/service.h"
#include "engine/waiting_line.h"
#include "engine/work_signal.h"

namespace r1v {

class ScorerHost final : public Scorer, public ModelHost {
 public:
  ScorerHost(const RewardModel& model, const LineLimits& limits, std::shared_ptr<WorkSignal> signal);

  void score(std::vector<Conversation> conversations, std::function<void(ScoreResult)> done,
             std::function<void(const std::string& message, bool is_their_fault)> failed) override;
  const ServedModelFacts& facts() const override { return facts_; }
  ServiceCounts counts() const override;

  bool turn() override;
  void end_all() override;
  void close() override { line_.close(); }
  bool is_idle() const override;

 private:
  struct Job {
    std::vector<ScoredPrompt> prompts;
    LineCost cost;
    std::function<void(ScoreResult)> done;
    std::function<void(const std::string& message, bool is_their_fault)> failed;
    std::optional<ScoringRun> run;  // once its turn has come
  };

  void score_some();
  void finish();
  void fail(Job& job, const std::string& message);

  const RewardModel& model_;
  ServedModelFacts facts_;
  std::shared_ptr<WorkSignal> signal_;
  WaitingLine<std::unique_ptr<Job>> line_;
  std::unique_ptr<Job> job_;  // under way; the compute thread's
  std::atomic<bool> is_turning_ = false;
  mutable std::mutex mutex_;
  ServiceCounts counts_;
};

}  // namespace r1v

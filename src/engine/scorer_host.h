// One reward model behind the compute thread: conversations come from any thread, a pass of their rows is read a turn.
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
#include "engine/ticket_state.h"
#include "engine/waiting_line.h"
#include "engine/work_signal.h"

namespace r1v {

class ScorerHost final : public Scorer, public ModelHost {
 public:
  /// pass_rows  that are read between two passes of the models beside it.
  ScorerHost(const RewardModel& model, int64_t pass_rows, const LineLimits& limits, std::shared_ptr<WorkSignal> signal);

  std::shared_ptr<AnswerTicket> score(std::vector<Conversation> conversations, std::function<void(ScoreResult)> done,
                                      std::function<void(NoScores why, const std::string& message)> failed) override;
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
    std::function<void(NoScores why, const std::string& message)> failed;
    std::shared_ptr<TicketState> ticket;
    std::optional<ScoringRun> run;  // once its turn has come
  };

  void end_cancelled();
  void score_some();
  void finish();
  /// The job under way is over, without scores.
  void give_up(NoScores why, const std::string& message);
  static void tell(const Job& job, NoScores why, const std::string& message);

  const RewardModel& model_;
  const int64_t pass_rows_;
  ServedModelFacts facts_;
  std::shared_ptr<WorkSignal> signal_;
  WaitingLine<std::unique_ptr<Job>> line_;
  std::unique_ptr<Job> job_;  // under way; the compute thread's
  std::atomic<bool> is_turning_ = false;
  mutable std::mutex mutex_;
  ServiceCounts counts_;
};

}  // namespace r1v

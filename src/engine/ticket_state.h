// The part of a question that its asker holds: what it wants of it by now. Torch-free.
#pragma once

#include <atomic>
#include <memory>

#include "engine/service.h"
#include "engine/work_signal.h"

namespace r1v {

class TicketState final : public AnswerTicket {
 public:
  struct Facts {
    int64_t prompt_tokens = 0, image_tokens = 0;
    bool starts_thinking = false;
  };
  TicketState(const Facts& facts, std::shared_ptr<WorkSignal> signal) : facts_(facts), signal_(std::move(signal)) {}

  void cancel() override {
    is_cancelled_ = true;
    signal_->ring();
  }
  void end_thinking() override { ends_thinking_ = true; }
  int64_t prompt_tokens() const override { return facts_.prompt_tokens; }
  int64_t image_tokens() const override { return facts_.image_tokens; }
  bool starts_thinking() const override { return facts_.starts_thinking; }

  const std::atomic<bool>& is_cancelled() const { return is_cancelled_; }
  const std::atomic<bool>& ends_thinking() const { return ends_thinking_; }

 private:
  const Facts facts_;
  const std::shared_ptr<WorkSignal> signal_;
  std::atomic<bool> is_cancelled_ = false;
  std::atomic<bool> ends_thinking_ = false;
};

}  // namespace r1v

// For tests: a listener that writes down what it hears, for another thread to wait for.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

#include "base/error.h"
#include "engine/service.h"

namespace r1v {

/// `do_piece` runs on the compute thread.
class Ear final : public AnswerListener {
 public:
  void on_progress(const AnswerProgress& told) override {
    const std::lock_guard lock(mutex_);
    progress_ = told;
  }
  void on_piece(const StreamPiece& piece) override {
    {
      const std::lock_guard lock(mutex_);
      text_ += piece.thinking + piece.answer;
      ++pieces_;
    }
    heard_.notify_all();
    if (do_piece) do_piece(piece);
  }
  void on_end(GenerateResult result) override {
    settle([&] { result_ = std::move(result); });
  }
  void on_error(const std::string& message, bool is_their_fault) override {
    settle([&] { error_ = cat(is_their_fault ? "theirs: " : "ours: ", message); });
  }

  GenerateResult result() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(heard_.wait_for(lock, kPatience, [&] { return ends_ > 0; })) << "never told the end";
    EXPECT_EQ(error_, "");
    return result_;
  }
  std::string error() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(heard_.wait_for(lock, kPatience, [&] { return ends_ > 0; })) << "never told the end";
    return error_;
  }
  void wait_for_a_piece() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(heard_.wait_for(lock, kPatience, [&] { return pieces_ > 0 || ends_ > 0; }));
  }
  std::string text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }
  AnswerProgress progress() {
    const std::lock_guard lock(mutex_);
    return progress_;
  }
  int ends() {
    const std::lock_guard lock(mutex_);
    return ends_;
  }

  std::function<void(const StreamPiece&)> do_piece;

 private:
  static constexpr std::chrono::seconds kPatience{60};

  void settle(const std::function<void()>& how) {
    {
      const std::lock_guard lock(mutex_);
      how();
      ++ends_;
    }
    heard_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable heard_;
  std::string text_, error_;
  GenerateResult result_;
  AnswerProgress progress_;
  int pieces_ = 0, ends_ = 0;
};

}  // namespace r1v

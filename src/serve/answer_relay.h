// From the compute thread to the connection: pieces of answers become bytes, held back while the client is slow.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "http/exchange.h"
#include "serve/answer_format.h"
#include "serve/context.h"

namespace r1v {

struct AnswerPlan {
  ServedModel model;
  std::vector<ModelQuestion> questions;  // all with the same sampling.n
  bool is_stream = false;
  bool returns_progress = false;
  BestOfPlan best_of;
  std::string prompt_param;  // the field that holds what is asked
  std::string prompt;        // for the log, where it is wanted
};

/// One request's answers. The generator keeps it while it answers.
class AnswerRelay : public std::enable_shared_from_this<AnswerRelay> {
 public:
  AnswerRelay(std::shared_ptr<ServeContext> context, std::shared_ptr<HttpExchange> exchange, AnswerPlan plan,
              std::unique_ptr<AnswerFormat> format);

  /// Asks; from here on the exchange is the relay's. What Generator::ask throws becomes the reply.
  void start();

 private:
  class Listener;

  void ask();
  void watch_connection();
  void begin();
  void on_progress(size_t question, const AnswerProgress& progress);
  void on_piece(size_t question, const StreamPiece& piece);
  void on_end(size_t question, GenerateResult result);
  void on_error(const std::string& message, bool is_their_fault);
  void give_out();
  void flush();
  void when_all_ended();
  bool was_shut_down() const;
  void take_ends();
  void judge();
  void leave_unjudged();
  void choose(const std::vector<size_t>& places, const std::vector<double>& scores);
  void later(std::function<void()> work);
  void send_end();
  void send_error(const HttpError& error);
  void close();
  AnswerFacts facts() const;

  const std::shared_ptr<ServeContext> context_;
  const std::shared_ptr<HttpExchange> exchange_;
  AnswerPlan plan_;
  const std::unique_ptr<AnswerFormat> format_;
  const size_t choices_per_question_;
  const double start_s_;

  std::mutex mutex_;  // of all below
  std::shared_ptr<RunningAnswer> running_ = std::make_shared<RunningAnswer>();
  std::shared_ptr<void> registration_;
  Conversation question_;                 // where it will be judged
  std::vector<AnswerText> pending_;       // by choice
  std::vector<AnswerProgress> progress_;  // by question
  std::vector<GenerateResult> results_;   // by question
  AnswerSet answers_;
  size_t num_ended_ = 0;
  double flushed_s_ = 0.0;  // when
  bool is_gathering_ = false;
  bool has_begun_ = false;
  bool is_asked_ = false;
  bool is_over_ = false;  // nothing goes out any more
  bool starts_thinking_ = false;
  double first_token_s_ = 0.0;
};

}  // namespace r1v

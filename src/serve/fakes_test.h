// Doubles of models and connections: answers are scripted, bytes are kept.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "http/error.h"
#include "serve/routes.h"

namespace r1v {

/// Keeps what is sent. `unsent` may be set to play a slow client.
class FakeExchange final : public HttpExchange {
 public:
  explicit FakeExchange(HttpRequest request) : request_(std::move(request)) {}
  const HttpRequest& request() const override { return request_; }
  void reply(HttpReply reply) override {
    const std::lock_guard lock(mutex_);
    status = reply.status;
    body = std::move(reply.body);
    headers = std::move(reply.headers);
    content_type = std::move(reply.content_type);
    is_over = true;
  }
  void begin(HttpReply head, std::string keep_alive) override {
    const std::lock_guard lock(mutex_);
    status = head.status;
    content_type = head.content_type;
    keep_alive_bytes = std::move(keep_alive);
  }
  void send(std::string bytes) override {
    const std::lock_guard lock(mutex_);
    body += bytes;
    sends.push_back(std::move(bytes));
  }
  void end() override { is_over = true; }
  size_t unsent_bytes() const override { return unsent; }
  void on_drained(std::function<void()> callback) override { drained = std::move(callback); }
  void call_drained_soon() override { is_soon = true; }
  void on_gone(std::function<void()> callback) override { gone = std::move(callback); }
  bool is_gone() const override { return false; }

  /// Some replies are made on another thread.
  void wait() const {
    const double end = monotonic_s() + 10;
    while (!is_over && monotonic_s() < end) std::this_thread::yield();
    EXPECT_TRUE(is_over);
  }

  int status = 0;
  std::string body, content_type, keep_alive_bytes;
  std::vector<std::string> sends;
  std::vector<std::pair<std::string, std::string>> headers;
  std::atomic<bool> is_over = false;
  std::atomic<size_t> unsent = 0;
  std::atomic<bool> is_soon = false;  // drained is to be called by itself
  std::function<void()> drained, gone;

 private:
  HttpRequest request_;
  std::mutex mutex_;
};

struct FakeTicket final : AnswerTicket {
  void cancel() override { is_cancelled = true; }
  void end_thinking() override { is_thinking_ended = true; }
  int64_t prompt_tokens() const override { return 10; }
  int64_t image_tokens() const override { return 0; }
  bool starts_thinking() const override { return true; }
  std::atomic<bool> is_cancelled = false, is_thinking_ended = false;
};

inline const Tokenizer& small_tokenizer() {
  static const Tokenizer tokenizer = Tokenizer::load(R1V_SOURCE_DIR "/tests/golden/tokenizer_small.json");
  return tokenizer;
}

/// Calls `script` inside ask, or keeps the listener for the test to talk to.
class FakeGenerator final : public Generator {
 public:
  FakeGenerator() {
    known.architecture = "FakeForTests";
    known.context = 4096;
    known.vocabulary = 1024;
    known.sees = true;
    known.defaults.temperature = 0.0;
    known.defaults.top_p = 1.0;
  }
  std::shared_ptr<AnswerTicket> ask(ModelQuestion question, std::shared_ptr<AnswerListener> listener) override {
    if (refuse) refuse();
    questions.push_back(std::move(question));
    tickets.push_back(std::make_shared<FakeTicket>());
    if (script) {
      script(*listener, questions.size() - 1);
    } else {
      listeners.push_back(std::move(listener));
    }
    return tickets.back();
  }
  RenderedPrompt render(const Conversation& conversation, bool) const override {
    std::string text;
    for (const Message& message : conversation.messages) {
      text += message.role + ":";
      for (const Part& part : message.parts) text += part.text;
      text += "\n";
    }
    return {.text = text, .ids = small_tokenizer().encode(text, SpecialTokens::escape)};
  }
  const Tokenizer& tokenizer() const override { return small_tokenizer(); }
  const ServedModelFacts& facts() const override { return known; }
  ServiceCounts counts() const override { return {.running = 3, .waiting = 2, .kv_blocks = 100, .kv_blocks_used = 40}; }

  ServedModelFacts known;
  std::deque<ModelQuestion> questions;
  std::vector<std::shared_ptr<FakeTicket>> tickets;
  std::vector<std::shared_ptr<AnswerListener>> listeners;
  std::function<void(AnswerListener&, size_t question)> script;
  std::function<void()> refuse;
};

/// Scores are the number of characters of the last message; told at once, or by the test where it waits.
class FakeScorer final : public Scorer {
 public:
  std::shared_ptr<AnswerTicket> score(std::vector<Conversation> conversations, std::function<void(ScoreResult)> done,
                                      std::function<void(NoScores, const std::string&)> failed) override {
    ScoreResult result;
    for (const Conversation& conversation : conversations) {
      result.scores.push_back(static_cast<double>(conversation.messages.back().parts.back().text.size()));
    }
    result.usage.prompt_tokens = 7 * static_cast<int64_t>(conversations.size());
    asked = std::move(conversations);
    if (!waits) done(std::move(result));
    fail = std::move(failed);
    ticket = std::make_shared<FakeTicket>();
    is_asked = true;
    return ticket;
  }
  const ServedModelFacts& facts() const override { return known; }
  ServiceCounts counts() const override { return {.scored = 5}; }

  ServedModelFacts known{.architecture = "FakeReward", .context = 4096};
  std::vector<Conversation> asked;
  bool waits = false;
  std::function<void(NoScores, const std::string&)> fail;
  std::shared_ptr<FakeTicket> ticket;
  std::atomic<bool> is_asked = false;
};

inline Completion completion(const std::string& thinking, const std::string& answer,
                             FinishReason finish = FinishReason::stop) {
  return {.text = thinking.empty() ? answer : thinking + "\n</think>\n\n" + answer,
          .thinking = thinking,
          .answer = answer,
          .finish = finish};
}

/// A server with the two fakes; requests go straight to handlers.
class ServeFixture : public ::testing::Test {
 public:
  void add_models() {
    models.add({.name = "mini", .generator = &generator, .created = 1700000000});
    models.add({.name = "judge", .scorer = &scorer, .created = 1700000000});
    models.set_ready();
  }

  /// What run_handler does with what a handler throws.
  std::shared_ptr<FakeExchange> send(const std::string& method, const std::string& path, const std::string& body = "",
                                     const std::string& key = "", const std::string& type = "application/json") {
    if (serving.routes.empty()) serving = make_serving(models, options, [] { return HttpCounts{.connections = 4}; });
    HttpRequest request{.method = method, .path = path, .body = body, .id = "req1", .key_name = key};
    if (!type.empty()) request.headers["content-type"] = type;
    for (const HttpRoute& route : serving.routes) {
      request.parameters.clear();
      if (route.method != method || !matches(route.pattern, path, request.parameters)) continue;
      auto exchange = std::make_shared<FakeExchange>(request);
      try {
        route.handler(exchange);
      } catch (const HttpError& error) {
        exchange->reply(error_reply(error));
      } catch (const InputError& error) {
        exchange->reply(error_reply(HttpError(400, "invalid_value", error.what())));
      }
      return exchange;
    }
    ADD_FAILURE() << "no route " << method << " " << path;
    return std::make_shared<FakeExchange>(request);
  }

  Json error_of(const std::string& path, const std::string& body) {
    const auto exchange = send("POST", path, body);
    exchange->wait();
    Json error = parse_json(exchange->body, "reply");
    EXPECT_TRUE(error.contains("error")) << exchange->body;
    error = error.value("error", Json::object());
    error["status"] = exchange->status;
    return error;
  }

  FakeGenerator generator;
  FakeScorer scorer;
  ServedModels models;
  ServeOptions options;
  Serving serving;

 private:
  static bool matches(const std::string& pattern, const std::string& path,
                      std::map<std::string, std::string>& parameters) {
    const size_t open = pattern.find('{'), close = pattern.find('}');
    if (open == std::string::npos) return pattern == path;
    const std::string front = pattern.substr(0, open), back = pattern.substr(close + 1);
    if (!path.starts_with(front) || !path.ends_with(back) || path.size() <= front.size() + back.size()) return false;
    const std::string value = path.substr(front.size(), path.size() - front.size() - back.size());
    if (value.find('/') != std::string::npos) return false;
    parameters[pattern.substr(open + 1, close - open - 1)] = value;
    return true;
  }
};

}  // namespace r1v

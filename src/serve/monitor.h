// What the server did so far, for /metrics, and a line a request on stderr.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/server.h"

namespace r1v {

/// What a route knows of an answer when it is over.
struct AnswerFacts {
  std::string model;
  std::string finish;  // of every sample, separated by commas
  int64_t prompt_tokens = 0, image_tokens = 0, cached_tokens = 0, completion_tokens = 0, thinking_tokens = 0;
  int64_t samples = 0;
  double first_token_s = 0;  // since the request was handled; 0 = none came
  double answer_s = 0;       // the last one
  std::string prompt;        // only where prompts are logged
};

/// Counts in fixed bounds, as Prometheus has them.
class Histogram {
 public:
  explicit Histogram(std::vector<double> bounds) : bounds_(std::move(bounds)), counts_(bounds_.size() + 1) {}
  void add(double value);
  void print(const std::string& name, const std::string& help, std::string& out) const;

 private:
  std::vector<double> bounds_;
  std::vector<int64_t> counts_;
  double sum_ = 0;
};

/// Any thread. Outlives the server.
class ServeMonitor {
 public:
  explicit ServeMonitor(bool logs_requests = true);
  /// The server's on_finished: counts the request and writes {"id", "route", "key", "status", ...} on stderr.
  void finished(const HttpLogEntry& entry);
  /// Before the request is finished; of one whose client went earlier only the numbers are kept.
  void answered(int64_t request_number, AnswerFacts facts);
  /// Prometheus' text format: what is counted here.
  std::string metrics() const;

 private:
  mutable std::mutex mutex_;
  bool logs_requests_;
  std::deque<std::pair<int64_t, AnswerFacts>> facts_;        // of requests that are not finished, by number
  std::map<std::pair<std::string, int>, int64_t> requests_;  // by route and status
  int64_t prompt_tokens_ = 0, image_tokens_ = 0, cached_tokens_ = 0, completion_tokens_ = 0, thinking_tokens_ = 0;
  Histogram request_s_, first_token_s_, token_s_;
};

}  // namespace r1v

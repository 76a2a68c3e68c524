// Numbers in Prometheus' text format, and log lines in JSON.
#include "serve/monitor.h"

#include <algorithm>
#include <cmath>

#include "base/clock.h"
#include "base/error.h"
#include "base/log_json.h"

namespace r1v {
namespace {

/// Facts come before the request is over, unless its client went: such ones are never claimed.
constexpr size_t kMaxUnclaimed = 1024;

double in_ms(double seconds) { return std::round(seconds * 1e5) / 100; }

void put_answer(const AnswerFacts& facts, Json& line) {
  line["model"] = facts.model;
  if (!facts.finish.empty()) line["finish"] = facts.finish;
  line["samples"] = facts.samples;
  line["prompt_tokens"] = facts.prompt_tokens;
  line["image_tokens"] = facts.image_tokens;
  line["cached_tokens"] = facts.cached_tokens;
  line["completion_tokens"] = facts.completion_tokens;
  line["thinking_tokens"] = facts.thinking_tokens;
  if (facts.first_token_s > 0) line["first_token_ms"] = in_ms(facts.first_token_s);
  if (!facts.prompt.empty()) line["prompt"] = facts.prompt;
}

void append_counter(const char* name, const char* help, int64_t value, std::string& out) {
  out += cat("# HELP ", name, " ", help, "\n# TYPE ", name, " counter\n", name, " ", value, "\n");
}

}  // namespace

void Histogram::add(double value) {
  ++counts_[static_cast<size_t>(std::ranges::lower_bound(bounds_, value) - bounds_.begin())];
  sum_ += value;
}

void Histogram::print(const std::string& name, const std::string& help, std::string& out) const {
  out += cat("# HELP ", name, " ", help, "\n# TYPE ", name, " histogram\n");
  int64_t below = 0;
  for (size_t i = 0; i < bounds_.size(); ++i) {
    below += counts_[i];
    out += cat(name, "_bucket{le=\"", bounds_[i], "\"} ", below, "\n");
  }
  below += counts_.back();
  out += cat(name, "_bucket{le=\"+Inf\"} ", below, "\n", name, "_sum ", sum_, "\n", name, "_count ", below, "\n");
}

ServeMonitor::ServeMonitor(bool logs_requests)
    : logs_requests_(logs_requests),
      request_s_({0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600}),
      first_token_s_({0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60}),
      token_s_({0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1}) {}

void ServeMonitor::answered(int64_t request_number, AnswerFacts facts) {
  const std::lock_guard lock(mutex_);
  prompt_tokens_ += facts.prompt_tokens;
  image_tokens_ += facts.image_tokens;
  cached_tokens_ += facts.cached_tokens;
  completion_tokens_ += facts.completion_tokens;
  thinking_tokens_ += facts.thinking_tokens;
  if (facts.first_token_s > 0) first_token_s_.add(facts.first_token_s);
  const int64_t more = facts.samples > 0 ? facts.completion_tokens / facts.samples - 1 : 0;
  if (facts.first_token_s > 0 && more > 0) {
    token_s_.add((facts.answer_s - facts.first_token_s) / static_cast<double>(more));
  }
  facts_.emplace_back(request_number, std::move(facts));
  if (facts_.size() > kMaxUnclaimed) facts_.pop_front();
}

void ServeMonitor::finished(const HttpLogEntry& entry) {
  Json line = {{"time", unix_time_s()}, {"id", entry.id},         {"method", entry.method},
               {"route", entry.route},  {"status", entry.status}, {"ms", in_ms(entry.seconds)}};
  if (entry.route.empty()) line["path"] = printable(entry.path, 120);
  if (!entry.key_name.empty()) line["key"] = entry.key_name;
  line["address"] = entry.address;
  if (entry.first_byte_s > 0) line["first_byte_ms"] = in_ms(entry.first_byte_s);
  line["request_bytes"] = entry.request_bytes;
  line["reply_bytes"] = entry.reply_bytes;
  if (entry.client_gone) line["client_gone"] = true;
  {
    const std::lock_guard lock(mutex_);
    // Strangers invent paths: only routes that there are become labels.
    ++requests_[{entry.route.empty() ? "none" : entry.route, entry.status}];
    request_s_.add(entry.seconds);
    const auto facts = std::ranges::find(facts_, entry.number, &std::pair<int64_t, AnswerFacts>::first);
    if (facts != facts_.end()) {
      put_answer(facts->second, line);
      facts_.erase(facts);
    }
  }
  if (logs_requests_) log_json(line);
}

std::string ServeMonitor::metrics() const {
  const std::lock_guard lock(mutex_);
  std::string out = "# HELP r1v_requests_total Requests by route and status.\n# TYPE r1v_requests_total counter\n";
  for (const auto& [key, count] : requests_) {
    out += cat("r1v_requests_total{route=\"", key.first, "\",status=\"", key.second, "\"} ", count, "\n");
  }
  request_s_.print("r1v_request_seconds", "From a request's head to the end of its reply.", out);
  first_token_s_.print("r1v_first_token_seconds", "From a question to the first token of its answer.", out);
  token_s_.print("r1v_token_seconds", "Between the tokens of an answer, the mean of each.", out);
  append_counter("r1v_prompt_tokens_total", "Tokens of questions, pictures' included.", prompt_tokens_, out);
  append_counter("r1v_image_tokens_total", "Tokens of pictures.", image_tokens_, out);
  append_counter("r1v_cached_tokens_total", "Tokens of questions that were not computed again.", cached_tokens_, out);
  append_counter("r1v_completion_tokens_total", "Tokens of answers, thinking included.", completion_tokens_, out);
  append_counter("r1v_thinking_tokens_total", "Tokens of thinking.", thinking_tokens_, out);
  return out;
}

}  // namespace r1v

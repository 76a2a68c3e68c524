// Many chat streams at once against an OpenAI-compatible server, from one thread: rates, fairness, and whether any
// stream was lost or got another one's text.
#include <fmt/format.h>
#include <netdb.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/options.h"
#include "base/rng.h"
#include "load_prompts.h"
#include "sse_stream.h"

namespace r1v {
namespace {

struct LoadOptions {
  std::string host = "127.0.0.1";
  int64_t port = 8000;
  std::string model;
  int64_t clients = 256, max_tokens = 64, prompts = 16, first = 0, slow = 0, warm = 1;
  double seconds = 120, disconnects = 0;
  std::string extra;
  std::optional<int64_t> pid;
  bool check = false;
  uint64_t seed = 1;
  void fields(auto& field) {
    field("host", host, "address of the server");
    field("port", port, "its port");
    field("model", model, "the model's name there; empty leaves it out");
    field("clients", clients, "streams at a time; each asks again when its answer is there");
    field("max-tokens", max_tokens, "of an answer");
    field("prompts", prompts, "different prompts; 0: every question is another one");
    field("first", first, "number of the first of them: others than those of an earlier run");
    field("seconds", seconds, "how long new questions are asked");
    field("slow", slow, "so many more clients read 512 bytes a second");
    field("disconnects", disconnects, "share of the streams that hang up in the middle");
    field("warm", warm, "ask every prompt once before (and with --check keep the answers)");
    field("extra", extra, "JSON object whose keys are added to every request");
    field("pid", pid, "of the server: its memory is measured");
    field("check", check, "every stream must say what the same prompt said when it was asked alone");
    field("seed", seed, "of prompts and hang-ups");
  }
};

struct Finished {
  double end_s = 0;  // since the load began
  double first_s = 0, total_s = 0;
  int64_t tokens = 0;
};

class LoadRun {
 public:
  explicit LoadRun(const LoadOptions& options) : options_(options), rng_(options.seed), poll_(::epoll_create1(0)) {}

  Json run() {
    for (int64_t i = 0; i < options_.prompts && options_.warm > 0; ++i) ask_alone(i);
    results_.clear();
    started_ = finished_ = failed_ = hung_up_ = mixed_up_ = 0;
    memory_.push_back(server_memory());
    begin_ = monotonic_s();
    for (int64_t i = 0; i < options_.clients; ++i) start(/*is_slow=*/false);
    for (int64_t i = 0; i < options_.slow; ++i) start(/*is_slow=*/true);
    loop(begin_ + options_.seconds);
    return report();
  }

 private:
  struct Client {
    std::unique_ptr<SseStream> stream;
    int64_t prompt = 0;
    bool is_slow = false;
    size_t hang_up_after = SIZE_MAX;
    size_t chunks = 0;
  };

  std::string request_bytes(int64_t prompt) const {
    Json body = {{"messages", {{{"role", "user"}, {"content", load_prompt(options_.first + prompt)}}}},
                 {"stream", true},
                 {"stream_options", {{"include_usage", true}}},
                 {"temperature", 0},
                 {"max_tokens", options_.max_tokens}};
    if (!options_.model.empty()) body["model"] = options_.model;
    if (!options_.extra.empty()) body.update(parse_json(options_.extra, "--extra"));
    const std::string text = dump_json(body);
    return cat("POST /v1/chat/completions HTTP/1.1\r\nHost: ", options_.host, ":", options_.port,
               "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ", text.size(), "\r\n\r\n",
               text);
  }

  void start(bool is_slow) {
    const int64_t prompt = options_.prompts == 0 ? started_ : started_ % options_.prompts;
    const bool hangs_up = rng_.uniform() < options_.disconnects;
    auto stream = std::make_unique<SseStream>(options_.host, options_.port, request_bytes(prompt), is_slow);
    const int file = stream->file();
    epoll_event event{.events = EPOLLIN | EPOLLRDHUP, .data = {.fd = file}};
    ::epoll_ctl(poll_, EPOLL_CTL_ADD, file, &event);
    live_[file] = {.stream = std::move(stream),
                   .prompt = prompt,
                   .is_slow = is_slow,
                   .hang_up_after = hangs_up ? static_cast<size_t>(1 + rng_.uniform() * 20) : SIZE_MAX};
    ++started_;
  }

  void ask_alone(int64_t prompt) {
    SseStream stream(options_.host, options_.port, request_bytes(prompt), false);
    while (!stream.is_over()) stream.read();
    if (!stream.error().empty()) throw InputError(cat("the server answered a first question with: ", stream.error()));
    expected_[prompt] = stream.text();
  }

  void loop(double until) {
    double next_look = begin_ + 1;
    while (!live_.empty()) {
      std::array<epoll_event, 64> events;
      const int count = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), 100);
      for (int i = 0; i < count; ++i) on_readable(events[static_cast<size_t>(i)].data.fd, until);
      const double now = monotonic_s();
      if (now > next_look) {
        memory_.push_back(server_memory());
        next_look = now + 1;
        wake_slow(until);
      }
      if (now > until + 120) throw InputError(cat(live_.size(), " streams still hang 120 s after the last question"));
    }
    over_s_ = monotonic_s() - begin_;
  }

  /// Slow clients are not polled: they read a little, once a second.
  void wake_slow(double until) {
    std::vector<int> files;
    for (const auto& [file, client] : live_) {
      if (client.is_slow) files.push_back(file);
    }
    for (const int file : files) settle(file, until, live_.at(file).stream->read());
  }

  void on_readable(int file, double until) {
    const auto found = live_.find(file);
    if (found == live_.end()) return;
    if (found->second.is_slow) {
      epoll_event none{.events = 0, .data = {.fd = file}};
      ::epoll_ctl(poll_, EPOLL_CTL_MOD, file, &none);
      return;
    }
    settle(file, until, found->second.stream->read());
  }

  void settle(int file, double until, size_t chunks) {
    Client& client = live_.at(file);
    client.chunks += chunks;
    const bool hangs_up = client.chunks >= client.hang_up_after && !client.stream->is_over();
    if (!client.stream->is_over() && !hangs_up) return;
    if (hangs_up) {
      ++hung_up_;
    } else {
      judge(client);
    }
    const bool is_slow = client.is_slow;
    ::epoll_ctl(poll_, EPOLL_CTL_DEL, file, nullptr);
    live_.erase(file);
    if (monotonic_s() < until) start(is_slow);
  }

  void judge(const Client& client) {
    const SseStream& stream = *client.stream;
    if (!stream.error().empty()) {
      ++failed_;
      ++errors_[stream.error()];
      return;
    }
    ++finished_;
    if (options_.check && stream.text() != expected_.at(client.prompt)) ++mixed_up_;
    if (!client.is_slow) {
      results_.push_back({.end_s = monotonic_s() - begin_,
                          .first_s = stream.first_s(),
                          .total_s = stream.total_s(),
                          .tokens = stream.tokens()});
    }
  }

  int64_t server_memory() const {
    if (!options_.pid) return 0;
    std::ifstream statm(cat("/proc/", *options_.pid, "/statm"));
    int64_t whole = 0, resident = 0;
    statm >> whole >> resident;
    return resident * ::sysconf(_SC_PAGESIZE) >> 20;
  }

  static double quantile(std::vector<double> values, double share) {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1))];
  }

  /// The slowest stream beside the median one of those that ended in the same second: a machine that is itself slower
  /// for a while is no unfairness.
  double unfairness() const {
    std::map<int64_t, std::vector<double>> seconds;
    for (const Finished& one : results_) seconds[static_cast<int64_t>(one.end_s)].push_back(one.total_s);
    double worst = 0;
    for (const auto& [second, total] : seconds) worst = std::max(worst, quantile(total, 1) / quantile(total, 0.5));
    return worst;
  }

  Json report() const {
    std::vector<double> first, total, pace;
    int64_t tokens = 0;
    for (const Finished& one : results_) {
      first.push_back(one.first_s);
      total.push_back(one.total_s);
      tokens += one.tokens;
      if (one.tokens > 1) pace.push_back((one.total_s - one.first_s) / static_cast<double>(one.tokens - 1));
    }
    Json errors = Json::object();
    for (const auto& [text, count] : errors_) errors[text] = count;
    return {
        {"clients", options_.clients},
        {"seconds", over_s_},
        {"started", started_},
        {"finished", finished_},
        {"hung_up", hung_up_},
        {"failed", failed_},
        {"mixed_up", options_.check ? Json(mixed_up_) : Json()},
        {"errors", errors},
        {"tokens_per_s", static_cast<double>(tokens) / over_s_},
        {"first_token_s",
         {{"median", quantile(first, 0.5)}, {"p95", quantile(first, 0.95)}, {"max", quantile(first, 1)}}},
        {"token_s", {{"median", quantile(pace, 0.5)}, {"p95", quantile(pace, 0.95)}}},
        {"stream_s", {{"median", quantile(total, 0.5)}, {"max", quantile(total, 1)}}},
        {"slowest_to_median", {{"whole", quantile(total, 1) / quantile(total, 0.5)}, {"same_second", unfairness()}}},
        {"server_mib", memory_}};
  }

  LoadOptions options_;
  Rng rng_;
  int poll_;
  std::map<int, Client> live_;
  std::map<int64_t, std::string> expected_;
  std::vector<Finished> results_;
  std::map<std::string, int64_t> errors_;
  std::vector<int64_t> memory_;
  int64_t started_ = 0, finished_ = 0, failed_ = 0, hung_up_ = 0, mixed_up_ = 0;
  double begin_ = 0, over_s_ = 0;
};

}  // namespace
}  // namespace r1v

int main(int argc, char** argv) {
  try {
    const auto options =
        r1v::parse_options<r1v::LoadOptions>("serve_load", "Loads a chat server.", {argv + 1, argv + argc});
    std::cout << r1v::dump_json(r1v::LoadRun(options).run()) << "\n";
    return 0;
  } catch (const r1v::HelpRequest& help) {
    std::cout << help.text;
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "serve_load: " << error.what() << "\n";
    return 2;
  }
}

// A judge behind an OpenAI-compatible server: asked again when it fails, never believed when it makes no sense.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/base64.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "io/http_client.h"
#include "recipes/judge_prompt.h"

namespace r1v {
namespace {

constexpr double kLongestPause = 60;
constexpr double kProbeTimeout = 5;
constexpr int64_t kMostUnanswered = 3;  // requests in a row, each with all its attempts

const char* mime_type(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG")) return "image/png";
  if (bytes.starts_with("\xff\xd8")) return "image/jpeg";
  if (bytes.starts_with("GIF8")) return "image/gif";
  return bytes.starts_with("RIFF") ? "image/webp" : "application/octet-stream";
}

/// Pictures named by paths become data URLs; those that are data URLs already stay.
Json with_data_urls(Json messages, const PairsLine& line) {
  for (Json& part : messages[0]["content"]) {
    if (part["type"] != "image") continue;
    const auto path = resolve_below(line.root, json_string(part, "path", line.where));
    const std::string bytes = read_file(path, 50 << 20);
    part = {{"type", "image_url"},
            {"image_url", {{"url", cat("data:", mime_type(bytes), ";base64,", encode_base64(bytes))}}}};
  }
  return messages;
}

/// The text of the first choice. throws InputError: not what a chat completion looks like.
std::string content_of(const std::string& body) {
  const std::string where = "the reply";
  const Json reply = parse_json(body, where);
  if (!reply.is_object()) throw InputError(cat(where, " is ", reply.type_name(), ", expected an object"));
  const Json& choices = json_at(reply, "choices", where);
  if (!choices.is_array() || choices.empty()) throw InputError(cat(where, ": \"choices\" is no list with a choice"));
  return json_string(json_at(choices[0], "message", where), "content", where);
}

/// A request that failed, or what was said to it, sense or not.
struct Said {
  std::string text, error;
};

/// What is wrong with a reply; "" when it is good. A reply that makes no sense is asked for again.
using Accept = std::function<std::string(const std::string& text)>;

struct Reply {
  enum class Next { take, ask_again, ask_later, give_up };

  std::string text;     // of take and ask_again
  std::string trouble;  // of all but take
  Next next = Next::take;
};

Reply read_reply(const HttpAnswer& answer, const Accept& trouble_with) {
  if (answer.status != 200) {
    const bool may_pass = answer.status == 0 || answer.status == 408 || answer.status == 429 || answer.status >= 500;
    return {
        .text = "",
        .trouble = answer.status == 0 ? answer.error : cat("status ", answer.status, ": ", printable(answer.body, 200)),
        .next = may_pass ? Reply::Next::ask_later : Reply::Next::give_up};
  }
  try {
    const std::string text = content_of(answer.body);
    const std::string trouble = trouble_with ? trouble_with(text) : "";
    return {.text = text, .trouble = trouble, .next = trouble.empty() ? Reply::Next::take : Reply::Next::ask_again};
  } catch (const InputError& error) {
    return {.text = "", .trouble = error.what(), .next = Reply::Next::ask_later};
  }
}

/// Several requests in a row that got no reply at all are no fault of their lines: nothing more is asked. Used by many
/// threads.
class Breaker {
 public:
  void note_reply() {
    const std::lock_guard lock(mutex_);
    unanswered_ = 0;
  }
  void note_silence(const std::string& error) {
    const std::lock_guard lock(mutex_);
    if (++unanswered_ < kMostUnanswered || !error_.empty()) return;
    error_ = error;
    opened_.notify_all();
  }
  /// "" while the server may be there.
  std::string error() const {
    const std::lock_guard lock(mutex_);
    return error_;
  }
  /// Ends early once there is no use in waiting.
  void wait(double seconds) {
    std::unique_lock lock(mutex_);
    opened_.wait_for(lock, std::chrono::duration<double>(seconds), [&] { return !error_.empty(); });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable opened_;
  int64_t unanswered_ = 0;
  std::string error_;
};

class EndpointJudge final : public Judge {
 public:
  explicit EndpointJudge(const EndpointJudgeOptions& options) : options_(options) {
    const HttpClient checks_the_url(options.url, options.timeout_s);
    if (options.model.empty()) throw InputError("--endpoint-model is missing: name the model as the server calls it");
    if (options.attempts < 1 || options.concurrency < 1 || options.concurrency > 256 || options.max_tokens < 1) {
      throw InputError("attempts, concurrency (at most 256) and tokens of a judge: expected at least 1 each");
    }
    probe();
  }

  std::vector<JudgedMatch> verdicts(std::span<const Match> matches) override {
    std::vector<JudgedMatch> judged(matches.size());
    ask_all(matches.size(), [&](HttpClient& client, size_t i) {
      const Said said =
          ask(client, *matches[i].line, [&] { return verdict_messages(matches[i]); }, trouble_with_verdict);
      judged[i] = {said.error.empty() ? parse_verdict(said.text) : Better::unknown, said.error};
    });
    return judged;
  }

  std::vector<Rating> ratings(std::span<const PairsLine* const> lines, Criterion criterion) override {
    std::vector<Rating> rated(lines.size());
    const Accept is_rating = [&](const std::string& text) { return rating_of(text, criterion).error; };
    ask_all(lines.size(), [&](HttpClient& client, size_t i) {
      const Said said = ask(client, *lines[i], [&] { return rating_messages(*lines[i], criterion); }, is_rating);
      rated[i] = said.error.empty() ? rating_of(said.text, criterion) : Rating{std::nullopt, said.error};
    });
    return rated;
  }

  std::vector<Rewrite> rewrites(std::span<const PairsLine* const> lines) override {
    std::vector<Rewrite> rewritten(lines.size());
    ask_all(lines.size(), [&](HttpClient& client, size_t i) {
      const Said said = ask(client, *lines[i], [&] { return rewrite_messages(*lines[i]); }, {});
      const std::string answer = parse_rewrite(said.text, lines[i]->parsed.chosen);
      rewritten[i] = {answer.empty() ? std::nullopt : std::optional(answer), said.error};
    });
    return rewritten;
  }

 private:
  /// Before hours of other work. Not refused: the judge may not be needed yet, or at all.
  void probe() const {
    HttpClient client(options_.url, std::min(options_.timeout_s, kProbeTimeout), options_.api_key);
    const HttpAnswer answer = client.get("/models");
    if (answer.status != 0) return;
    log_warning(cat("the judge at ", options_.url, " is not there yet: ", answer.error));
  }

  /// throws InputError: the server is not there.
  void ask_all(size_t count, const std::function<void(HttpClient&, size_t)>& ask_one) {
    std::atomic<size_t> next = 0;
    const auto work = [&] {
      HttpClient client(options_.url, options_.timeout_s, options_.api_key);
      for (size_t i = next++; i < count && breaker_.error().empty(); i = next++) ask_one(client, i);
    };
    {
      std::vector<std::jthread> threads;
      for (size_t i = 1; i < std::min(count, static_cast<size_t>(options_.concurrency)); ++i)
        threads.emplace_back(work);
      work();
    }
    if (const std::string error = breaker_.error(); !error.empty()) throw InputError(error);
  }

  /// Never throws: what goes wrong with one line must not end the work on the others.
  Said ask(HttpClient& client, const PairsLine& line, const std::function<Json()>& messages,
           const Accept& trouble_with) {
    std::string body;
    try {
      body = dump_json({{"model", options_.model},
                        {"messages", with_data_urls(messages(), line)},
                        {"temperature", 0},
                        {"max_tokens", options_.max_tokens}});
    } catch (const InputError& error) {
      return {.text = "", .error = error.what()};
    }
    bool has_replied = false;
    for (int64_t attempt = 1;; ++attempt) {
      const HttpAnswer answer = client.post_json("/chat/completions", body);
      if (answer.status != 0) {
        has_replied = true;
        breaker_.note_reply();
      }
      const Reply reply = read_reply(answer, trouble_with);
      if (reply.next == Reply::Next::give_up) return {.text = "", .error = cat(options_.url, ": ", reply.trouble)};
      const bool is_last = attempt == options_.attempts || !breaker_.error().empty();
      const bool was_said = reply.next == Reply::Next::take || reply.next == Reply::Next::ask_again;
      if (was_said) is_failing_ = false;
      if (was_said && (is_last || reply.next == Reply::Next::take)) return {.text = reply.text, .error = ""};
      if (is_last) return failed(attempt, reply.trouble, has_replied);
      say(reply);
      if (reply.next == Reply::Next::ask_later) breaker_.wait(pause_s(attempt, answer.retry_after_s));
    }
  }

  Said failed(int64_t attempts, const std::string& trouble, bool has_replied) {
    const std::string error = cat(options_.url, " failed ", attempts, " time(s), at last: ", trouble);
    if (!has_replied) {
      breaker_.note_silence(cat("the judge at ", options_.url, " gave no reply to ", kMostUnanswered,
                                " requests in a row, each sent ", options_.attempts, " time(s) (at last: ", trouble,
                                "); check --endpoint and the server, then run this again; more attempts wait longer"));
    }
    return {.text = "", .error = error};
  }

  /// The first of a row of failures, so that nobody waits in the dark; a reply without sense once.
  void say(const Reply& reply) {
    std::atomic<bool>& is_said = reply.next == Reply::Next::ask_again ? has_rambled_ : is_failing_;
    if (is_said.exchange(true)) return;
    log_warning(cat("asking the judge at ", options_.url, " again, up to ", options_.attempts,
                    " times in all: ", reply.trouble));
  }

  double pause_s(int64_t attempt, double asked_for) const {
    const double grown = options_.first_pause_s * static_cast<double>(int64_t{1} << std::min<int64_t>(attempt - 1, 10));
    return std::min(std::max(grown, asked_for), kLongestPause);
  }

  EndpointJudgeOptions options_;
  Breaker breaker_;
  std::atomic<bool> is_failing_ = false, has_rambled_ = false;
};

}  // namespace

std::unique_ptr<Judge> make_endpoint_judge(const EndpointJudgeOptions& options) {
  return std::make_unique<EndpointJudge>(options);
}

}  // namespace r1v

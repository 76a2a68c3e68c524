// A judge behind an OpenAI-compatible server: asked again when it fails, never believed when it makes no sense.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "base/base64.h"
#include "base/error.h"
#include "base/file.h"
#include "io/http_client.h"
#include "recipes/judge_prompt.h"

namespace r1v {
namespace {

constexpr double kLongestPause = 60;

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

struct Said {
  std::string text, error;
};

class EndpointJudge final : public Judge {
 public:
  explicit EndpointJudge(const EndpointJudgeOptions& options) : options_(options) {
    const HttpClient checks_the_url(options.url, options.timeout_s);
    if (options.model.empty()) throw InputError("--endpoint-model is missing: name the model as the server calls it");
    if (options.attempts < 1 || options.concurrency < 1 || options.concurrency > 256 || options.max_tokens < 1) {
      throw InputError("attempts, concurrency (at most 256) and tokens of a judge: expected at least 1 each");
    }
  }

  std::vector<JudgedMatch> verdicts(std::span<const Match> matches) override {
    std::vector<JudgedMatch> judged(matches.size());
    ask_all(matches.size(), [&](HttpClient& client, size_t i) {
      const Said said = ask(client, *matches[i].line, [&] { return verdict_messages(matches[i]); });
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
      const Said said = ask(client, *lines[i], [&] { return rewrite_messages(*lines[i]); });
      const std::string answer = parse_rewrite(said.text, lines[i]->parsed.chosen);
      rewritten[i] = {answer.empty() ? std::nullopt : std::optional(answer), said.error};
    });
    return rewritten;
  }

 private:
  /// What is wrong with a reply; "" when it is good. A reply that makes no sense is asked for again.
  using Accept = std::function<std::string(const std::string& text)>;

  void ask_all(size_t count, const std::function<void(HttpClient&, size_t)>& ask_one) const {
    std::atomic<size_t> next = 0;
    const auto work = [&] {
      HttpClient client(options_.url, options_.timeout_s, options_.api_key);
      for (size_t i = next++; i < count; i = next++) ask_one(client, i);
    };
    std::vector<std::jthread> threads;
    for (size_t i = 1; i < std::min(count, static_cast<size_t>(options_.concurrency)); ++i) threads.emplace_back(work);
    work();
  }

  /// Never throws: what goes wrong with one line must not end the work on the others.
  Said ask(HttpClient& client, const PairsLine& line, const std::function<Json()>& messages,
           const Accept& trouble_with = {}) const {
    std::string body;
    try {
      body = dump_json({{"model", options_.model},
                        {"messages", with_data_urls(messages(), line)},
                        {"temperature", 0},
                        {"max_tokens", options_.max_tokens}});
    } catch (const InputError& error) {
      return {.text = "", .error = error.what()};
    }
    std::string trouble;
    for (int64_t attempt = 0; attempt < options_.attempts; ++attempt) {
      const HttpAnswer reply = client.post_json("/chat/completions", body);
      if (reply.status == 200) {
        try {
          const std::string text = content_of(reply.body);
          trouble = trouble_with ? trouble_with(text) : "";
          if (trouble.empty()) return {.text = text, .error = ""};
        } catch (const InputError& error) {
          trouble = error.what();
        }
      } else {
        trouble = reply.status == 0 ? reply.error : cat("status ", reply.status, ": ", printable(reply.body, 200));
        const bool may_pass = reply.status == 0 || reply.status == 408 || reply.status == 429 || reply.status >= 500;
        if (!may_pass) return {.text = "", .error = cat(options_.url, ": ", trouble)};
      }
      if (attempt + 1 < options_.attempts) pause(attempt, reply.retry_after_s);
    }
    return {.text = "", .error = cat(options_.url, " failed ", options_.attempts, " time(s), at last: ", trouble)};
  }

  void pause(int64_t attempt, double asked_for) const {
    const double grown = options_.first_pause_s * static_cast<double>(int64_t{1} << std::min<int64_t>(attempt, 10));
    std::this_thread::sleep_for(std::chrono::duration<double>(std::min(std::max(grown, asked_for), kLongestPause)));
  }

  EndpointJudgeOptions options_;
};

}  // namespace

std::unique_ptr<Judge> make_endpoint_judge(const EndpointJudgeOptions& options) {
  return std::make_unique<EndpointJudge>(options);
}

}  // namespace r1v

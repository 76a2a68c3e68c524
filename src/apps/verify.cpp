// r1v verify: is an answer right, and what is it worth? Gold and answer in, verdict with its reason out.
#include "verify/verify.h"

#include <atomic>
#include <iostream>
#include <thread>

#include "apps/commands.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "io/jsonl.h"
#include "verify/answer_reward.h"

namespace r1v {
namespace {

constexpr int64_t kMaxThreads = 256;
constexpr size_t kLinesPerThread = 256;  // read ahead for each thread

struct VerifyOptions {
  std::string gold;
  std::string answer = "-";
  std::string kind = "any";
  std::optional<std::string> reward;
  std::optional<double> model_score;
  std::string think_opened_by = "prompt";
  bool json = false;
  bool json_lines = false;
  int64_t threads = 1;
  void fields(auto& field) {
    field("gold", gold, "the right answer: a number, LaTeX, an option's letter, a word");
    field("answer", answer, "a whole model output or a bare answer; - reads it from stdin");
    field("kind", kind, "number, choice, word, text, expression or any");
    field("reward", reward, "also what the output is worth to training, by the weights of r1v1, r1v2 or r1v3");
    field("model-score", model_score, "the reward model's score of the answer, for --reward r1v2");
    field("think-opened-by", think_opened_by, "with --reward: prompt (the output begins inside the thought) or output");
    field("json", json, "one JSON document on stdout");
    field("json-lines", json_lines,
          "many pairs on stdin, one {\"gold\":..,\"answer\":..,\"kind\":..?,\"model_score\":..?} a line");
    field("threads", threads, "threads for --json-lines; one answers each line at once, more read ahead");
  }
};

// What one pair asks for.
struct Pair {
  std::string gold, answer;
  AnswerKind kind;
  std::optional<double> model_score;
};

class Judge {
 public:
  explicit Judge(const VerifyOptions& options) {
    if (options.think_opened_by != "prompt" && options.think_opened_by != "output") {
      throw InputError(cat("--think-opened-by ", printable(options.think_opened_by), ", expected prompt or output"));
    }
    if (!options.reward) return;
    weights_ = reward_weights(*options.reward);
    weights_->starts_in_thought = options.think_opened_by == "prompt";
  }

  Json operator()(const Pair& pair) const {
    if (!weights_) {
      const Verdict verdict = verify_answer(pair.gold, pair.answer, pair.kind);
      return verdict_json(verdict.correct, verdict.extracted, verdict.reason);
    }
    const AnswerReward reward = answer_reward(pair.gold, pair.answer, pair.kind, *weights_, pair.model_score);
    std::optional<bool> correct;
    if (reward.accuracy) correct = *reward.accuracy > 0;
    Json out = verdict_json(correct, reward.extracted, reward.accuracy_reason);
    out["reward"] = {{"total", reward.total},
                     {"accuracy", number_json(reward.accuracy)},
                     {"format", reward.format},
                     {"format_reason", reward.format_reason},
                     {"model", number_json(reward.model)},
                     {"model_raw", number_json(reward.model_raw)},
                     {"model_reason", reward.model_reason}};
    return out;
  }

 private:
  static Json verdict_json(std::optional<bool> correct, const std::string& extracted, const std::string& reason) {
    return {{"correct", correct ? Json(*correct) : Json()}, {"extracted", extracted}, {"reason", reason}};
  }
  static Json number_json(std::optional<double> value) { return value ? Json(*value) : Json(); }

  std::optional<RewardWeights> weights_;
};

Pair pair_of(const Json& line, const VerifyOptions& options) {
  const std::string where = "request";
  Pair pair = {.gold = json_string(line, "gold", where),
               .answer = json_string(line, "answer", where),
               .kind = answer_kind(json_string_or(line, "kind", options.kind, where))};
  if (line.contains("model_score") && !line.at("model_score").is_null()) {
    pair.model_score = json_number(line, "model_score", where);
  }
  return pair;
}

// The reply to one line, and whether the line was good.
struct Reply {
  std::string text;
  bool is_good = true;
};

Reply reply_to(const std::string& text, int64_t line, const VerifyOptions& options, const Judge& judge) {
  Json asked;
  try {
    asked = parse_json(text, cat("line ", line));
    return {dump_json(judge(pair_of(asked, options)))};
  } catch (const InputError& error) {
    Json reply = Json::object();
    if (asked.is_object() && asked.contains("id")) reply["id"] = asked["id"];
    reply["error"] = error.what();
    return {dump_json(reply), false};
  }
}

// Several threads: a block of lines is read, judged in any order, written in the order of reading.
int judge_lines_in_threads(const VerifyOptions& options, const Judge& judge) {
  const auto num_threads = static_cast<size_t>(options.threads);
  int status = 0;
  int64_t num_read = 0;
  while (std::cin) {
    std::vector<std::pair<std::string, int64_t>> lines;
    std::string text;
    while (lines.size() < num_threads * kLinesPerThread && std::getline(std::cin, text)) {
      ++num_read;
      if (text.find_first_not_of(" \t\r") != std::string::npos) lines.emplace_back(std::move(text), num_read);
    }
    std::vector<Reply> replies(lines.size());
    std::atomic<size_t> next = 0;
    const auto work = [&] {
      for (size_t i = next++; i < lines.size(); i = next++) {
        replies[i] = reply_to(lines[i].first, lines[i].second, options, judge);
      }
    };
    {
      std::vector<std::jthread> others(num_threads - 1);
      for (std::jthread& other : others) other = std::jthread(work);
      work();
    }
    for (const Reply& reply : replies) {
      std::cout << reply.text << '\n';
      if (!reply.is_good) status = 2;
    }
    std::cout.flush();
  }
  return status;
}

void print_plain(const Json& verdict) {
  const Json& correct = verdict.at("correct");
  const char* word = correct.is_null() ? "undecided" : correct.get<bool>() ? "right" : "wrong";
  std::cout << word << ": " << verdict.at("reason").get<std::string>() << '\n';
  if (!verdict.contains("reward")) return;
  const Json& reward = verdict.at("reward");
  std::cout << "reward " << dump_json(reward.at("total")) << ": accuracy " << dump_json(reward.at("accuracy"))
            << ", format " << dump_json(reward.at("format")) << " (" << reward.at("format_reason").get<std::string>()
            << "), model " << dump_json(reward.at("model")) << " (" << reward.at("model_reason").get<std::string>()
            << ")\n";
}

}  // namespace

int run_verify(Args args) {
  const auto options = parse_options<VerifyOptions>("verify", "is an answer right, and what is it worth?", args);
  if (options.threads < 1 || options.threads > kMaxThreads) {
    throw InputError(cat("--threads ", options.threads, ", expected 1 to ", kMaxThreads));
  }
  const Judge judge(options);
  if (options.json_lines && options.threads > 1) return judge_lines_in_threads(options, judge);
  if (options.json_lines) {
    return answer_json_lines(std::cin, std::cout, [&](const Json& line) { return judge(pair_of(line, options)); });
  }
  if (options.gold.empty()) throw InputError("no gold answer; give --gold TEXT, or --json-lines and pairs on stdin");
  const std::string answer = options.answer == "-" ? read_stdin() : options.answer;
  const Json verdict = judge({options.gold, answer, answer_kind(options.kind), options.model_score});
  if (options.json) {
    std::cout << dump_json(verdict) << '\n';
  } else {
    print_plain(verdict);
  }
  return 0;
}

}  // namespace r1v

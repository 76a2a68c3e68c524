// r1v score: the reward of answers, one conversation a line.
#include <iostream>

#include "apps/commands.h"
#include "apps/interrupt.h"
#include "apps/open_model.h"
#include "apps/stdin_lines.h"
#include "base/error.h"
#include "base/json.h"
#include "engine/reward_model.h"
#include "prompt/conversation.h"

namespace r1v {
namespace {

struct ScoreOptions {
  ModelOptions model{.model = default_reward_model()};
  std::optional<std::string> images_root;
  bool json = false;
  void fields(auto& field) {
    model.fields(field);
    field("images-root", images_root, "where picture paths start; nothing outside is opened");
    field("json", json, "accepted for symmetry: input and output are JSON lines");
  }
};

constexpr const char* kDescription =
    "Scores answers with a reward model. Reads JSON lines {\"id\", \"messages\": [..., {\"role\": \"assistant\", "
    "\"content\": ANSWER}]} and writes {\"id\", \"score\"} lines in the same order; lines about the same pictures and "
    "question should follow each other: what they share is computed once.\n\n"
    "  r1v score < conversations.jsonl > scores.jsonl";

/// One line on its way: rendered, or refused.
struct Item {
  Json id;
  std::optional<ScoredPrompt> prompt;
  std::string error;
};

class ScoreRun {
 public:
  ScoreRun(const RewardModel& model, const ScoreOptions& options) : model_(model) {
    access_.root = options.images_root.value_or(".");
    access_.restrict_to_root = options.images_root.has_value();
  }

  int run() {
    StdinLines input;
    std::vector<Item> items;
    size_t bytes = 0;  // of pixels that wait
    // A client may wait for one score before it writes the next line: what is there is scored before more is awaited.
    while (true) {
      const bool wait = items.empty();
      const std::optional<std::string> line =
          items.size() < kWindow && bytes < kWindowBytes ? input.next(wait) : std::nullopt;
      if (line) {
        ++line_number_;
        if (line->find_first_not_of(" \t\r") == std::string::npos) continue;
        Item item = read(*line);
        bytes += hold_pixels_once(item, items);
        items.push_back(std::move(item));
        continue;
      }
      if (wait) break;
      print(items);
      items.clear();
      bytes = 0;
    }
    if (interrupt_flag()) return kInterruptedStatus;
    return had_error_ ? 2 : 0;
  }

 private:
  /// Answers about one picture hold it once. Returns the bytes that came on top.
  static size_t hold_pixels_once(Item& item, const std::vector<Item>& items) {
    if (!item.prompt || !item.prompt->prompt.pixels.defined()) return 0;
    at::Tensor& pixels = item.prompt->prompt.pixels;
    if (!items.empty() && items.back().prompt && items.back().prompt->prompt.pixels.defined() &&
        at::equal(items.back().prompt->prompt.pixels, pixels)) {
      pixels = items.back().prompt->prompt.pixels;
      return 0;
    }
    return pixels.nbytes();
  }

  Item read(const std::string& text) {
    Item item;
    const std::string where = cat("stdin line ", line_number_);
    try {
      const Json line = parse_json(text, where);
      if (!line.is_object()) throw InputError(cat(where, ": found ", line.type_name(), ", expected a JSON object"));
      if (line.contains("id")) item.id = line.at("id");
      Json request = {{"messages", json_at(line, "messages", where)}};
      for (const char* key : {"tools", "template_kwargs"}) {
        if (line.contains(key)) request[key] = line.at(key);
      }
      item.prompt = render_scored(model_.renderer(), parse_conversation(request, access_, where));
    } catch (const InputError& error) {
      const std::string message = error.what();
      item.error = message.starts_with(where) ? message : cat(where, ": ", message);
    }
    return item;
  }

  /// Neighbours are scored together; where one of them fails, each by itself, so that the others are unharmed.
  void print(std::vector<Item>& items) {
    std::vector<ScoredPrompt> prompts;
    for (Item& item : items) {
      if (item.prompt) prompts.push_back(std::move(*item.prompt));
    }
    std::vector<double> scores;
    std::vector<std::string> errors(prompts.size());
    try {
      scores = model_.score(prompts);
    } catch (const InputError&) {
      scores.assign(prompts.size(), 0.0);
      for (size_t i = 0; i < prompts.size(); ++i) {
        try {
          scores[i] = model_.score(std::span(prompts).subspan(i, 1)).front();
        } catch (const InputError& error) {
          errors[i] = error.what();
        }
      }
    }
    size_t next = 0;
    for (const Item& item : items) {
      const bool was_read = item.prompt.has_value();
      const std::string& error = was_read ? errors[next] : item.error;
      Json line = {{"id", item.id}};
      if (error.empty()) {
        line["score"] = scores[next];
      } else {
        line["error"] = error;
        had_error_ = true;
      }
      if (was_read) ++next;
      std::cout << dump_json(line) << "\n";
    }
    std::cout.flush();
  }

  static constexpr size_t kWindow = 64;
  static constexpr size_t kWindowBytes = size_t{1} << 30;

  const RewardModel& model_;
  PictureAccess access_;
  int64_t line_number_ = 0;
  bool had_error_ = false;
};

}  // namespace

int run_score(Args args) {
  const auto options = parse_options<ScoreOptions>("score", kDescription, args);
  const std::unique_ptr<RewardModel> model = open_reward_model(options.model);
  return ScoreRun(*model, options).run();
}

}  // namespace r1v

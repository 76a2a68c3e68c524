// r1v score: the reward of answers, one conversation a line.
#include <iostream>

#include "apps/commands.h"
#include "apps/interrupt.h"
#include "apps/open_model.h"
#include "apps/stdin_lines.h"
#include "base/error.h"
#include "base/json.h"
#include "data/read_sft.h"
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
    // A client may wait for one score before it writes the next line: what is there is scored before more is awaited.
    while (true) {
      const bool wait = items.empty();
      const std::optional<std::string> line =
          items.size() < kWindow && waiting_bytes_ < kWindowBytes ? input.next(wait) : std::nullopt;
      if (line) {
        ++line_number_;
        if (line->find_first_not_of(" \t\r") == std::string::npos) continue;
        items.push_back(read(*line));
        continue;
      }
      if (wait) break;
      print(items);
      items.clear();
      waiting_bytes_ = 0;
    }
    if (interrupt_flag()) return kInterruptedStatus;
    return had_error_ ? 2 : 0;
  }

 private:
  /// Lines that differ in their last message only: the pictures of the first are decoded and cut, the others hold the
  /// same.
  ScoredPrompt render(const Json& request, const std::string& where) {
    Json question = request;
    Json answer;
    if (question["messages"].is_array() && !question["messages"].empty()) {
      answer = question["messages"].back();
      question["messages"].erase(question["messages"].size() - 1);
    }
    if (!asked_ || asked_->question != question) {
      asked_.reset();
      Conversation conversation = parse_conversation(request, access_, where);
      ScoredPrompt prompt = render_scored(model_.renderer(), conversation);
      for (Picture& picture : conversation.pictures) picture.rgb = {};  // its size is all that is needed from now on
      if (prompt.prompt.pixels.defined()) waiting_bytes_ += prompt.prompt.pixels.nbytes();
      asked_ = Asked{
          .question = std::move(question), .conversation = std::move(conversation), .pixels = prompt.prompt.pixels};
      return prompt;
    }
    asked_->conversation.messages.back() = parse_answer(request, answer, where);
    ScoredPrompt prompt = render_scored(model_.renderer(), asked_->conversation, Pixels::left_out);
    prompt.prompt.pixels = asked_->pixels;
    return prompt;
  }

  Message parse_answer(const Json& request, const Json& answer, const std::string& where) const {
    try {
      return parse_conversation({{"messages", Json::array({answer})}}, access_, where).messages.front();
    } catch (const InputError&) {
      parse_conversation(request, access_, where);  // whose message names the answer by its place in the line
      throw;
    }
  }

  Item read(const std::string& text) {
    Item item;
    const std::string where = cat("stdin line ", line_number_);
    try {
      const Json line = parse_json(text, where);
      if (!line.is_object()) throw InputError(cat(where, ": found ", line.type_name(), ", expected a JSON object"));
      if (line.contains("id")) item.id = line.at("id");
      item.prompt = render(sft_request(line, where), where);
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

  /// The question of the line before.
  struct Asked {
    Json question;
    Conversation conversation;  // with its answer; pictures without pixels
    at::Tensor pixels;
  };

  const RewardModel& model_;
  PictureAccess access_;
  std::optional<Asked> asked_;
  size_t waiting_bytes_ = 0;  // pixels of the lines that wait
  int64_t line_number_ = 0;
  bool had_error_ = false;
};

}  // namespace

int run_score(Args args) {
  const auto options = parse_options<ScoreOptions>("score", kDescription, args);
  const std::unique_ptr<RewardModel> model = open_reward_model(options.model, "--model");
  return ScoreRun(*model, options).run();
}

}  // namespace r1v

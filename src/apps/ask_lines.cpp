// A window of questions is rendered ahead of the batch, so that memory holds few pictures however long the file is.
#include "apps/ask_lines.h"

#include <deque>
#include <iostream>
#include <map>
#include <memory>

#include "apps/answer_json.h"
#include "apps/interrupt.h"
#include "apps/stdin_lines.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "data/read_sft.h"
#include "engine/engine.h"
#include "verify/verify.h"

namespace r1v {
namespace {

struct Question {
  Json id;            // null when the line has none
  std::string where;  // "stdin line 3"
  std::optional<std::string> gold;
  AnswerKind kind = AnswerKind::any;
  Conversation conversation;  // kept where answers are judged
  Prompt prompt;
  std::optional<Json> output;  // once answered or refused
};

/// The gold answer may be written as a number.
std::optional<std::string> gold_answer(const Json& line, const std::string& where) {
  if (!line.contains("answer") || line.at("answer").is_null()) return std::nullopt;
  const Json& answer = line.at("answer");
  if (answer.is_string()) return answer.get<std::string>();
  if (answer.is_number()) return dump_json(answer);
  throw InputError(cat(where, ": \"answer\" is ", answer.type_name(), ", expected a string or a number"));
}

class QuestionRun {
 public:
  QuestionRun(const OpenModel& open, const AskLinesOptions& options)
      : open_(open), options_(options), engine_(*open.model, *open.renderer, open.engine) {
    access_.root = options.images_root.value_or(".").string();
    access_.restrict_to_root = options.images_root.has_value();
  }

  int run() {
    while (true) {
      read_ahead();
      if (interrupt_flag()) return kInterruptedStatus;
      if (window_.empty()) break;
      engine_.step();
      while (auto done = engine_.take_finished()) settle(done->first, done->second);
      print_ready();
    }
    return had_error_ ? 2 : 0;
  }

 private:
  void read_ahead() {
    while (window_.size() < static_cast<size_t>(kWindowBatches * open_.engine.max_batch)) {
      const std::optional<std::string> line = input_.next(/*wait=*/asked_.empty());
      if (!line) break;
      ++line_number_;
      if (line->find_first_not_of(" \t\r") == std::string::npos) continue;
      window_.push_back(std::make_unique<Question>());
      Question& question = *window_.back();
      question.where = cat("stdin line ", line_number_);
      try {
        start(question, *line);
      } catch (const InputError& error) {
        refuse(question, error.what());
        print_ready();
      }
    }
  }

  void start(Question& question, const std::string& text) {
    const std::string& where = question.where;
    const Json line = parse_json(text, where);
    if (!line.is_object()) throw InputError(cat(where, ": found ", line.type_name(), ", expected a JSON object"));
    if (line.contains("id")) question.id = line.at("id");
    question.gold = gold_answer(line, where);
    question.kind = answer_kind(json_string_or(line, "kind", "", where));
    Json request = sft_request(line, where);  // "images" are placed in the messages, as for training
    request["add_generation_prompt"] = true;
    question.conversation = parse_conversation(request, access_, where);
    question.prompt = open_.renderer->render(question.conversation, options_.thinking);
    if (options_.best_of == nullptr) question.conversation = {};
    const size_t number = engine_.add({.prompt = &question.prompt,
                                       .sampling = sampling_of(line, where),
                                       .is_cancelled = &interrupt_flag(),
                                       .fails_alone = true});
    asked_[number] = &question;
  }

  SamplingParams sampling_of(const Json& line, const std::string& where) const {
    SamplingParams sampling = options_.sampling;
    const auto schema = line.find("json_schema");
    if (schema != line.end() && !schema->is_null()) {
      sampling.grammar = options_.schemas->of(*schema, cat(where, ": \"json_schema\""));
    }
    return sampling;
  }

  void refuse(Question& question, const std::string& message) {
    const bool is_placed = message.starts_with(question.where);
    question.output = {{"id", question.id}, {"error", is_placed ? message : cat(question.where, ": ", message)}};
    had_error_ = true;
  }

  void settle(size_t number, const GenerateResult& result) {
    Question& question = *asked_.extract(number).mapped();
    try {
      if (!result.failure.empty()) throw InputError(result.failure);
      question.output = answer(question, result);
    } catch (const InputError& error) {
      refuse(question, error.what());
    }
    question.prompt = {};
    question.conversation = {};
  }

  Json answer(const Question& question, const GenerateResult& result) const {
    Election election;
    if (options_.best_of != nullptr) {
      election = options_.best_of->choose(question.conversation, question.prompt, result, question.kind);
    }
    Json output = {{"id", question.id}};
    output.update(answer_json(result, options_.sampling.seed, open_.load_s, election));
    if (question.gold) {
      const Verdict verdict = verify_answer(*question.gold, result.completions[election.chosen].text, question.kind);
      output["correct"] = verdict.correct ? Json(*verdict.correct) : Json();
    }
    return output;
  }

  void print_ready() {
    while (!window_.empty() && window_.front()->output) {
      std::cout << dump_json(*window_.front()->output) << "\n";
      window_.pop_front();
    }
    std::cout.flush();
  }

  static constexpr int64_t kWindowBatches = 3;  // full batches read ahead

  const OpenModel& open_;
  const AskLinesOptions& options_;
  Engine engine_;
  StdinLines input_;
  PictureAccess access_;
  std::deque<std::unique_ptr<Question>> window_;  // in the order of the lines
  std::map<size_t, Question*> asked_;             // by the engine's number
  int64_t line_number_ = 0;
  bool had_error_ = false;
};

}  // namespace

int ask_lines(const OpenModel& open, const AskLinesOptions& options) { return QuestionRun(open, options).run(); }

}  // namespace r1v

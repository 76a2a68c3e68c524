// A window of questions is rendered ahead of the batch, so that memory holds few pictures however many lines there are.
#include "recipes/line_answers.h"

#include <map>
#include <memory>

#include "base/error.h"
#include "base/log.h"
#include "base/rng.h"

namespace r1v {
namespace {

constexpr size_t kWindowBatches = 3;  // full batches rendered ahead
constexpr size_t kSayEvery = 1000;    // lines

struct Asked {
  TaskLine line;
  Prompt prompt;
  double penalty = 1;
};

class Answering {
 public:
  Answering(const AnsweringModel& asked, const TaskLines& lines, const AnswerOptions& options, GrowingLines& answers)
      : renderer_(*asked.renderer),
        window_(kWindowBatches * static_cast<size_t>(asked.engine.max_batch)),
        lines_(lines),
        options_(options),
        answers_(answers),
        engine_(*asked.model, *asked.renderer, asked.engine) {}

  bool run(std::span<const int64_t> indexes, const std::atomic<bool>& stop) {
    size_t next = 0;
    while (!stop) {
      for (; asked_.size() < window_ && next < indexes.size(); ++next) {
        if (!answers_.has(indexes[next])) ask(lines_.line(indexes[next]));
        if ((next + 1) % kSayEvery == 0) log_info(cat("asked ", next + 1, " of ", indexes.size(), " questions"));
      }
      if (asked_.empty()) return true;
      engine_.step();
      while (auto done = engine_.take_finished()) settle(done->first, done->second);
    }
    return false;
  }

 private:
  void ask(TaskLine line) {
    auto asked = std::make_unique<Asked>();
    try {
      const PictureAccess access{.root = line.root.string(), .restrict_to_root = true};
      const Json request = options_.with_pictures ? line.request : without_pictures(line.request);
      asked->prompt = renderer_.render(parse_conversation(request, access, line.where));
      SamplingParams sampling = options_.sampling;
      sampling.seed = mix_seed(sampling.seed, static_cast<uint64_t>(line.index));
      if (options_.penalty) sampling.repetition_penalty = options_.penalty(line.index);
      asked->penalty = sampling.repetition_penalty;
      const size_t number = engine_.add({.prompt = &asked->prompt, .sampling = sampling});
      asked->line = std::move(line);
      asked_[number] = std::move(asked);
    } catch (const InputError& error) {
      const std::string message = error.what();
      const std::string placed = message.starts_with(line.where) ? message : cat(line.where, ": ", message);
      if (!options_.skip_bad) throw InputError(placed);
      answers_.add(line.index, {{"id", line.id}, {"error", placed}});
    }
  }

  void settle(size_t number, const GenerateResult& result) {
    const std::unique_ptr<Asked> asked = std::move(asked_.extract(number).mapped());
    const Completion& completion = result.completions.front();
    const std::string text = (asked->prompt.starts_thinking ? "<think>\n" : "") + completion.text;
    Json answer = {{"id", asked->line.id}, {"text", text}};
    Verdict verdict{.reason = "the line has no right answer to compare with"};
    if (!asked->line.gold.empty()) {
      verdict = verify_answer(asked->line.gold, text, answer_kind(asked->line.kind));
    } else {
      verdict.extracted = extract_answer(text);
    }
    answer["extracted"] = verdict.extracted;
    answer["correct"] = verdict.correct ? Json(*verdict.correct) : Json();
    answer["reason"] = verdict.reason;
    answer["tokens"] = completion.ids.size();
    answer["thinking_tokens"] = completion.thinking_tokens;
    answer["finish"] = finish_reason_name(completion.finish);
    answer["penalty"] = asked->penalty;
    answers_.add(asked->line.index, answer);
  }

  const Renderer& renderer_;
  const size_t window_;
  const TaskLines& lines_;
  const AnswerOptions& options_;
  GrowingLines& answers_;
  Engine engine_;
  std::map<size_t, std::unique_ptr<Asked>> asked_;  // by the engine's number
};

}  // namespace

bool answer_lines(const AnsweringModel& asked, const TaskLines& lines, std::span<const int64_t> indexes,
                  const AnswerOptions& options, GrowingLines& answers, const std::atomic<bool>& stop) {
  return Answering(asked, lines, options, answers).run(indexes, stop);
}

void AnswerCounts::add(const Json& answer) {
  if (answer.contains("error")) {
    ++refused;
    return;
  }
  const Json& correct = json_at(answer, "correct", "answer");
  ++(correct.is_null() ? undecided : correct.get<bool>() ? right : wrong);
  tokens += json_int(answer, "tokens", "answer");
  thinking_tokens += json_int(answer, "thinking_tokens", "answer");
  cut_off += json_string(answer, "finish", "answer") == "stop" ? 0 : 1;
}

double AnswerCounts::accuracy() const {
  return right + wrong == 0 ? 0 : static_cast<double>(right) / static_cast<double>(right + wrong);
}

}  // namespace r1v

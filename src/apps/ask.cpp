// r1v ask: one question about any number of pictures, or a file of questions.
#include <fmt/format.h>

#include <iostream>

#include "apps/answer_json.h"
#include "apps/answer_printer.h"
#include "apps/answer_schemas.h"
#include "apps/ask_lines.h"
#include "apps/best_of.h"
#include "apps/commands.h"
#include "apps/interrupt.h"
#include "apps/open_model.h"
#include "apps/sampling_options.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "engine/engine.h"
#include "prompt/conversation.h"

namespace r1v {
namespace {

constexpr double kBestOfTemperature = 0.8;

struct AskOptions {
  std::string question;
  std::vector<std::filesystem::path> image;
  std::string system;
  bool no_thinking = false;
  int64_t n = 1;
  bool json = false;
  bool json_lines = false;
  std::optional<std::string> images_root;
  std::filesystem::path json_schema;
  BestOfOptions best_of;
  ModelOptions model;
  EngineFlags engine;
  SamplingOptions sampling;
  void fields(auto& field) {
    field("@question", question, "the question; - reads it from stdin");
    field("image", image, "a picture the question is about: PNG, JPEG, WebP or GIF (repeat for several)");
    field("system", system, "system message");
    field("no-thinking", no_thinking, "answer at once");
    field("n", n, "answers to draw");
    field("json", json, "one JSON document on stdout");
    field("json-lines", json_lines,
          "questions on stdin, one JSON object a line with \"messages\" (and \"id\", \"answer\", \"kind\", "
          "\"json_schema\"); one answer a line out, with \"correct\" where the question has an answer");
    field("images-root", images_root, "with --json-lines: where picture paths start; nothing outside is opened");
    field(
        "json-schema", json_schema,
        "file with a JSON schema: answers (not the thinking) are JSON that validates against it; docs/json-schema.md");
    best_of.fields(field);
    model.fields(field);
    engine.fields(field);
    sampling.fields(field);
  }
};

constexpr const char* kDescription =
    "Asks one question about any number of pictures and shows the thinking (dimmed on a terminal) and the answer.\n\n"
    "  r1v ask --image examples/bar_chart.png \"How many more apples than pears were sold?\"\n"
    "  echo \"What is 17 + 25?\" | r1v ask -\n"
    "  r1v ask --json-lines --images-root DIR < questions.jsonl > answers.jsonl";

void check_usage(const AskOptions& options) {
  if (options.best_of.best_of < 0 || (options.best_of.best_of > 0 && options.n != 1)) {
    throw InputError(cat("ask: found --best-of ", options.best_of.best_of, " and --n ", options.n,
                         "; --best-of takes 1 or more, and stands in for --n"));
  }
  const bool chooses = options.best_of.choose != "judge" || options.best_of.reward_model != default_reward_model();
  if (options.best_of.best_of == 0 && chooses) {
    throw InputError("ask: --choose and --reward-model belong to --best-of N, which says how many answers to draw");
  }
  const bool wants_greedy = options.sampling.greedy || options.sampling.temperature == 0.0;
  if (options.best_of.best_of > 1 && wants_greedy) {
    throw InputError(cat("ask: --best-of ", options.best_of.best_of, " of greedy decoding are all the same answer; ",
                         "leave out --greedy, or give a --temperature above 0"));
  }
  if (options.json_lines) {
    if (!options.question.empty() || !options.image.empty() || !options.system.empty()) {
      throw InputError(
          "ask --json-lines takes questions, pictures and system messages from stdin; leave out the "
          "question, --image and --system");
    }
    return;
  }
  if (options.images_root) throw InputError("ask: --images-root belongs to --json-lines; give --image a whole path");
  if (options.question.empty()) {
    throw InputError("ask: there is no question; give it as the last word in quotes, or - to read it from stdin");
  }
}

std::string question_text(const AskOptions& options) {
  std::string text = options.question == "-" ? read_stdin() : options.question;
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw InputError("ask: the question is empty; give it as the last word in quotes, or - to read it from stdin");
  }
  return text;
}

Conversation conversation_of(const AskOptions& options) {
  Json messages = Json::array();
  if (!options.system.empty()) messages.push_back({{"role", "system"}, {"content", options.system}});
  const std::string text = question_text(options);
  if (options.image.empty()) {
    messages.push_back({{"role", "user"}, {"content", text}});
  } else {
    Json content = Json::array();
    for (const std::filesystem::path& path : options.image) {
      content.push_back({{"type", "image"}, {"path", path.string()}});
    }
    content.push_back({{"type", "text"}, {"text", text}});
    messages.push_back({{"role", "user"}, {"content", std::move(content)}});
  }
  return parse_conversation({{"messages", std::move(messages)}}, {}, "ask");
}

std::string summary(const GenerateResult& result) {
  const Usage& usage = result.usage;
  const Timing& timing = result.timing;
  std::string finish;
  for (const Completion& completion : result.completions) {
    finish += cat(finish.empty() ? "" : ", ", finish_reason_name(completion.finish));
  }
  return fmt::format(
      "{} prompt tokens ({} of pictures), {} tokens in {:.2f} s ({:.0f} tokens/s), vision {:.2f} s, "
      "prefill {:.2f} s, finished by {}",
      usage.prompt_tokens, usage.image_tokens, usage.completion_tokens, timing.decode_s,
      timing.decode_s > 0.0 ? static_cast<double>(usage.completion_tokens) / timing.decode_s : 0.0, timing.vision_s,
      timing.prefill_s, finish);
}

/// The sampling of --best-of: N answers, and warm where nobody said how warm.
void widen(const BestOfOptions& best_of, SamplingParams& sampling) {
  if (best_of.best_of == 0) return;
  sampling.n = best_of.best_of;
  if (sampling.temperature > 0.0 || best_of.best_of == 1) return;
  sampling.temperature = kBestOfTemperature;
  log_info(cat("--best-of samples at temperature ", kBestOfTemperature, "; --temperature says otherwise"));
}

/// One answer streams; several, which would come interleaved, are shown one after the other at the end.
GenerateResult show_answers(Engine& engine, GenerateRequest request) {
  const AnswerStyle style = stdout_is_terminal() ? AnswerStyle::terminal : AnswerStyle::plain;
  const size_t count = static_cast<size_t>(request.sampling.n);
  AnswerPrinter printer(std::cout, style);
  if (count == 1) {
    request.on_piece = [&](const StreamPiece& piece) {
      printer.show(piece);
      return true;
    };
  }
  GenerateResult result = engine.generate(request);
  for (size_t i = 0; count > 1 && i < count; ++i) {
    std::cout << (i > 0 ? "\n" : "") << "=== answer " << i + 1 << " of " << count << "\n";
    printer.show({.sample = i, .thinking = result.completions[i].thinking, .answer = result.completions[i].answer});
    printer.finish();
  }
  printer.finish();
  return result;
}

/// Every candidate in a line on stderr, the chosen one in full on stdout.
void show_election(const GenerateResult& result, const Election& election) {
  for (size_t i = 0; i < election.candidates.size(); ++i) {
    const std::string answer = extract_answer(election.candidates[i].text);
    log_info(cat(i == election.chosen ? "* " : "  ", "candidate ", i + 1, ": ",
                 answer.empty() ? "no final answer" : printable(answer, 60),
                 election.candidates[i].score ? fmt::format("  score {:.2f}", *election.candidates[i].score) : ""));
  }
  AnswerPrinter printer(std::cout, stdout_is_terminal() ? AnswerStyle::terminal : AnswerStyle::plain);
  const Completion& chosen = result.completions[election.chosen];
  printer.show({.sample = 0, .thinking = chosen.thinking, .answer = chosen.answer});
  printer.finish();
}

}  // namespace

int run_ask(Args args) {
  const AskOptions options = parse_options<AskOptions>("ask", kDescription, args);
  check_usage(options);
  std::optional<Conversation> conversation;
  if (!options.json_lines) conversation = conversation_of(options);  // a missing picture is told before the model opens
  const std::atomic<bool>& interrupted = interrupt_flag();
  std::optional<BestOf> best_of;  // first, so that a folder without a value head is told before the model opens
  if (options.best_of.best_of > 0) best_of.emplace(options.best_of, options.model);
  std::optional<Json> schema;  // so is a file that is no schema
  if (!options.json_schema.empty()) schema = read_schema(options.json_schema);
  if (options.no_thinking && options.sampling.thinking_budget >= 0) {
    throw InputError("--no-thinking and --thinking-budget contradict each other; give one of them");
  }
  const OpenModel open = open_model(options.model, options.engine);
  SamplingParams sampling = resolve_sampling(options.sampling, open.generation);
  sampling.n = options.n;
  widen(options.best_of, sampling);
  AnswerSchemas schemas(open.renderer->tokenizer());
  if (schema) sampling.grammar = schemas.of(*schema, cat("--json-schema ", options.json_schema.string()));
  check_sampling(sampling);
  if (options.n > 1 && sampling.temperature == 0.0) {
    log_warning("decoding is greedy, so all answers will be the same; give --temperature to sample");
  }
  if (options.json_lines) {
    return ask_lines(open, {.sampling = sampling,
                            .thinking = !options.no_thinking,
                            .images_root = options.images_root,
                            .best_of = best_of ? &*best_of : nullptr,
                            .schemas = &schemas});
  }
  const Prompt prompt = open.renderer->render(*conversation, !options.no_thinking);
  Engine engine(*open.model, *open.renderer, open.engine);
  const GenerateRequest request{.prompt = &prompt, .sampling = sampling, .is_cancelled = &interrupted};
  const bool is_quiet = options.json || best_of;
  const GenerateResult result = is_quiet ? engine.generate(request) : show_answers(engine, request);
  Election election;
  if (best_of && !interrupted) election = best_of->choose(*conversation, prompt, result);
  if (best_of && !options.json) show_election(result, election);
  if (options.json) std::cout << dump_json_pretty(answer_json(result, sampling.seed, open.load_s, election)) << "\n";
  log_info(summary(result));
  return interrupted ? kInterruptedStatus : 0;
}

}  // namespace r1v

// r1v ask: one question about any number of pictures, or a file of questions.
#include <fmt/format.h>

#include <iostream>

#include "apps/answer_json.h"
#include "apps/answer_printer.h"
#include "apps/ask_lines.h"
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

struct AskOptions {
  std::string question;
  std::vector<std::filesystem::path> image;
  std::string system;
  bool no_thinking = false;
  int64_t n = 1;
  bool json = false;
  bool json_lines = false;
  std::optional<std::string> images_root;
  ModelOptions model;
  SamplingOptions sampling;
  void fields(auto& field) {
    field("@question", question, "the question; - reads it from stdin");
    field("image", image, "a picture the question is about: PNG, JPEG, WebP or GIF (repeat for several)");
    field("system", system, "system message");
    field("no-thinking", no_thinking, "answer at once");
    field("n", n, "answers to draw");
    field("json", json, "one JSON document on stdout");
    field("json-lines", json_lines,
          "questions on stdin, one JSON object a line with \"messages\" (and \"id\", \"answer\", \"kind\"); one answer "
          "a line out, with \"correct\" where the question has an answer");
    field("images-root", images_root, "with --json-lines: where picture paths start; nothing outside is opened");
    model.fields(field);
    sampling.fields(field);
  }
};

constexpr const char* kDescription =
    "Asks one question about any number of pictures and shows the thinking (dimmed on a terminal) and the answer.\n\n"
    "  r1v ask --image examples/bar_chart.png \"How many more apples than pears were sold?\"\n"
    "  echo \"What is 17 + 25?\" | r1v ask -\n"
    "  r1v ask --json-lines --images-root DIR < questions.jsonl > answers.jsonl";

void check_usage(const AskOptions& options) {
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

}  // namespace

int run_ask(Args args) {
  const AskOptions options = parse_options<AskOptions>("ask", kDescription, args);
  check_usage(options);
  std::optional<Conversation> conversation;
  if (!options.json_lines) conversation = conversation_of(options);  // a missing picture is told before the model opens
  const std::atomic<bool>& interrupted = interrupt_flag();
  const OpenModel open = open_model(options.model);
  SamplingParams sampling = resolve_sampling(options.sampling, open.generation);
  sampling.n = options.n;
  check_sampling(sampling);
  if (options.n > 1 && sampling.temperature == 0.0) {
    log_warning("decoding is greedy, so all answers will be the same; give --temperature to sample");
  }
  if (options.json_lines) {
    return ask_lines(open,
                     {.sampling = sampling, .thinking = !options.no_thinking, .images_root = options.images_root});
  }
  const Prompt prompt = open.renderer->render(*conversation, !options.no_thinking);
  Engine engine(*open.model, *open.renderer);
  const GenerateRequest request{.prompt = &prompt, .sampling = sampling, .is_cancelled = &interrupted};
  const GenerateResult result = options.json ? engine.generate(request) : show_answers(engine, request);
  if (options.json) std::cout << dump_json_pretty(answer_json(result, sampling.seed, open.load_s)) << "\n";
  log_info(summary(result));
  return interrupted ? kInterruptedStatus : 0;
}

}  // namespace r1v

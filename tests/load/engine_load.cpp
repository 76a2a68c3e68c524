// serve_load's questions, asked of the engine itself: what the model gives without server, streams and client.
#include <fmt/format.h>

#include <iostream>
#include <map>

#include "apps/open_model.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/options.h"
#include "engine/engine.h"
#include "load_prompts.h"

namespace r1v {
namespace {

struct EngineLoadOptions {
  int64_t clients = 32, max_tokens = 64, prompts = 16;
  double seconds = 10;
  ModelOptions model;
  EngineFlags engine;
  void fields(auto& field) {
    field("clients", clients, "questions under way or in line at a time");
    field("max-tokens", max_tokens, "of an answer, which has all of them");
    field("prompts", prompts, "different prompts");
    field("seconds", seconds, "how long new questions are asked");
    model.fields(field);
    engine.fields(field);
  }
};

/// Asks for `seconds`; the tokens that came.
class EngineLoad {
 public:
  EngineLoad(Engine& engine, const std::vector<Prompt>& prompts, int64_t max_tokens)
      : engine_(engine), prompts_(prompts), max_tokens_(max_tokens) {}

  int64_t run(int64_t clients, double seconds) {
    const double until = monotonic_s() + seconds;
    int64_t tokens = 0;
    for (int64_t i = 0; i < clients; ++i) ask();
    bool is_busy = true;
    while (is_busy) {
      is_busy = engine_.step();
      while (const auto done = engine_.take_finished()) {
        tokens += done->second.usage.completion_tokens;
        if (monotonic_s() < until) {
          ask();
          is_busy = true;
        }
      }
    }
    return tokens;
  }

 private:
  void ask() {
    const Prompt& prompt = prompts_[asked_++ % prompts_.size()];
    engine_.add({.prompt = &prompt, .sampling = {.temperature = 0.0, .max_tokens = max_tokens_, .ignore_eos = true}});
  }

  Engine& engine_;
  const std::vector<Prompt>& prompts_;
  int64_t max_tokens_;
  size_t asked_ = 0;
};

Json measure(const EngineLoadOptions& options) {
  const OpenModel open = open_model(options.model, options.engine);
  std::vector<Prompt> prompts;
  for (int64_t i = 0; i < options.prompts; ++i) {
    Message message{.role = "user", .parts = {{.text = load_prompt(i)}}};
    prompts.push_back(open.renderer->render({.messages = {std::move(message)}}, /*thinking=*/true));
  }
  Engine engine(*open.model, *open.renderer, open.engine);
  EngineLoad load(engine, prompts, options.max_tokens);
  load.run(options.clients, 0);  // first passes are slower
  const double begin = monotonic_s();
  const int64_t tokens = load.run(options.clients, options.seconds);
  const double seconds = monotonic_s() - begin;
  return {{"clients", options.clients}, {"seconds", seconds}, {"tokens_per_s", static_cast<double>(tokens) / seconds}};
}

}  // namespace
}  // namespace r1v

int main(int argc, char** argv) {
  try {
    const auto options = r1v::parse_options<r1v::EngineLoadOptions>(
        "engine_load", "Asks an engine what serve_load asks a server.", {argv + 1, argv + argc});
    std::cout << r1v::dump_json(r1v::measure(options)) << "\n";
    return 0;
  } catch (const r1v::HelpRequest& help) {
    std::cout << help.text;
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "engine_load: " << error.what() << "\n";
    return 2;
  }
}

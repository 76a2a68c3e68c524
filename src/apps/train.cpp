// r1v train METHOD: one training method, one run folder.
#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <iostream>
#include <string_view>
#include <utility>

#include "apps/commands.h"
#include "apps/default_model.h"
#include "apps/judge_options.h"
#include "base/error.h"
#include "recipes/align.h"
#include "recipes/distill.h"
#include "recipes/grpo.h"
#include "recipes/iterate.h"
#include "recipes/mpo.h"
#include "recipes/reward.h"
#include "recipes/sft.h"
#include "recipes/tower.h"

namespace r1v {
namespace {

// The first Ctrl-C (or SIGTERM) lets the step finish and a checkpoint be written; the second ends the program.
std::atomic<bool> stop_requested = false;

void request_stop(int signal) {
  stop_requested = true;
  std::signal(signal, SIG_DFL);
}

void catch_signals() {
  std::signal(SIGINT, request_stop);
  std::signal(SIGTERM, request_stop);
}

/// Options from the words; what --model leaves open is the shipped one, from wherever the program is started.
template <typename Options>
Options read_options(const std::string& name, const std::string& summary, Args args, Options options = {}) {
  options.model = default_model();
  return parse_options("train " + name, summary, args, std::move(options));
}

template <typename Options, int (*Train)(const Options&, const std::atomic<bool>&)>  // one line a method in the table
int run_method(const std::string& name, const std::string& summary, Args args) {
  const auto options = read_options<Options>(name, summary, args);
  catch_signals();
  return Train(options, stop_requested);
}

template <typename Options, int (*Train)(const Options&, Judge*, const std::atomic<bool>&)>  // the same with a judge
int run_judged_method(const std::string& name, const std::string& summary, Args args) {
  const auto options = read_options<Options>(name, summary, args);
  const OpenJudge open = needs_judge(options) ? open_judge(judge_options(options.judge)) : OpenJudge{};
  catch_signals();
  return Train(options, open.judge.get(), stop_requested);
}

/// A preset sets what the words leave open: they are read twice, the second time over its values.
int run_grpo(const std::string& name, const std::string& summary, Args args) {
  const auto named = read_options<GrpoOptions>(name, summary, args);
  const GrpoOptions options = read_options(name, summary, args, grpo_preset(named.preset));
  catch_signals();
  return train_grpo(options, stop_requested);
}

struct Method {
  const char* name;
  int (*run)(const std::string& name, const std::string& summary, Args args);
  const char* summary;
};

constexpr std::array kMethods = {
    Method{"align", run_method<AlignOptions, train_align>,
           "the projector alone, in up to three stages, on a substitute language model (R1V 1.0)"},
    Method{"distill", run_judged_method<DistillOptions, train_distill>,
           "the model writes chains of thought as long as the question needs; lines for sft (R1V 1.0's AL-CoTD)"},
    Method{"grpo", run_grpo, "reinforcement learning: answers better than their siblings become likelier"},
    Method{"mpo", run_method<MpoOptions, train_mpo>,
           "mixed preference optimization: the better of two answers becomes likelier"},
    Method{"iterate", run_judged_method<IterateOptions, train_iterate>,
           "SFT on everything, then rounds on the best lines and the last model's errors (R1V 1.0)"},
    Method{"reward", run_method<RewardOptions, train_reward>,
           "a reward model: the better of two answers scores higher"},
    Method{"sft", run_method<SftOptions, train_sft>, "supervised fine-tuning: learn the answers of the data"},
    Method{"tower", run_method<TowerOptions, train_tower>, "the vision tower alone: every patch learns what it shows"},
};

std::string usage() {
  std::string text = "usage: r1v train METHOD [options]     r1v train METHOD --help\n\n";
  for (const Method& method : kMethods) {
    const std::string_view name = method.name;
    text += cat("  ", name, std::string(10 - name.size(), ' '), method.summary, "\n");
  }
  return text;
}

}  // namespace

int run_train(Args args) {
  if (args.empty() || std::string_view(args[0]) == "--help") {
    (args.empty() ? std::cerr : std::cout) << usage();
    return args.empty() ? 2 : 0;
  }
  const auto method = std::ranges::find(kMethods, std::string_view(args[0]),
                                        [](const Method& candidate) { return std::string_view(candidate.name); });
  if (method == kMethods.end()) {
    throw InputError(cat("train: there is no method \"", printable(args[0]), "\"; `r1v train --help` lists them"));
  }
  return method->run(method->name, method->summary, args.subspan(1));
}

}  // namespace r1v

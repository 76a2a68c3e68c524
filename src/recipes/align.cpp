// `r1v train align`: up to three stages, each with its data and learning rate, one network.
#include "recipes/align.h"

#include <ATen/Parallel.h>

#include "base/error.h"
#include "base/file.h"
#include "base/options.h"
#include "recipes/supervised_run.h"

namespace r1v {
namespace {

void check(const AlignOptions& options) {
  check_train_options(options, "train align");
  const auto expect_steps = [](const char* option, int64_t value, const char* data, bool has_data) {
    if (value < 0) throw InputError(cat("--", option, ": found ", value, ", expected at least 0"));
    if (value > 0 && !has_data) throw InputError(cat("--", option, " ", value, " without --", data));
  };
  expect_real("refine-learning-rate", options.refine_learning_rate);
  expect_real("cot-learning-rate", options.cot_learning_rate);
  expect_steps("refine-steps", options.refine_steps, "refine-data", !options.refine_data.empty());
  expect_steps("cot-steps", options.cot_steps, "cot-data", !options.cot_data.empty());
}

/// A later stage: rates that --learning-rate does not give keep their proportion to it.
SupervisedStage later_stage(const AlignOptions& options, const std::vector<std::filesystem::path>& data,
                            const char* data_option, double learning_rate, int64_t steps) {
  TrainOptions stage = options;
  stage.data = data;
  stage.max_steps = steps;
  stage.learning_rate = learning_rate;
  const double factor = options.learning_rate > 0 ? learning_rate / options.learning_rate : 0;
  for (std::optional<double>* rate : {&stage.vision_learning_rate, &stage.projector_learning_rate}) {
    if (*rate) **rate *= factor;
  }
  return {.options = stage, .data_option = data_option};
}

std::vector<SupervisedStage> stages_of(const AlignOptions& options) {
  std::vector<SupervisedStage> stages = {{.options = options}};
  if (!options.refine_data.empty()) {
    stages.push_back(
        later_stage(options, options.refine_data, "--refine-data", options.refine_learning_rate, options.refine_steps));
  }
  if (!options.cot_data.empty()) {
    stages.push_back(
        later_stage(options, options.cot_data, "--cot-data", options.cot_learning_rate, options.cot_steps));
  }
  for (size_t i = 0; i < stages.size(); ++i) stages[i].note = {{"stage", i + 1}};
  return stages;
}

}  // namespace

int train_align(const AlignOptions& options, const std::atomic<bool>& stop) {
  check(options);
  start_run_folder(options);
  write_file_atomic(options.out / "options.toml", options_toml(options));
  if (options.threads > 0) at::set_num_threads(static_cast<int>(options.threads));
  SupervisedRun run(options, stop);
  const std::vector<SupervisedStage> stages = stages_of(options);
  for (size_t i = 0; i < stages.size(); ++i) {
    if (!run.train(static_cast<int64_t>(i), stages[i])) return 130;
  }
  return 0;
}

}  // namespace r1v

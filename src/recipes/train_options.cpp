// Checks of the shared training options and their translation for the rooms below.
#include "recipes/train_options.h"

#include "base/error.h"
#include "tensor/dtype.h"

namespace r1v {
namespace {

void expect_choice(const std::string& option, const std::string& value, const std::string& a, const std::string& b) {
  if (value == a || value == b) return;
  throw InputError(cat("--", option, ": found \"", printable(value), "\", expected ", a, " or ", b));
}

template <typename T>  // a whole number or a real one
void expect_at_least(const std::string& option, T value, T least) {
  if (value >= least) return;
  throw InputError(cat("--", option, ": found ", value, ", expected at least ", least));
}

}  // namespace

void check_train_options(const TrainOptions& options, const std::string& command) {
  if (options.out.empty()) throw InputError(cat(command, ": --out is missing: the folder that the run is written to"));
  if (options.data.empty()) throw InputError(cat(command, ": --data is missing: files of JSON lines"));
  expect_choice("packing", options.packing, "on", "off");
  expect_choice("shuffle", options.shuffle, "on", "off");
  expect_choice("no-decay", options.no_decay, "norms-and-biases", "none");
  expect_at_least<int64_t>("batch-size", options.batch_size, 1);
  expect_at_least<int64_t>("gradient-accumulation", options.gradient_accumulation, 1);
  expect_at_least<int64_t>("max-length", options.max_length, 2);
  expect_at_least<int64_t>("num-epochs", options.num_epochs, 1);
  expect_at_least<int64_t>("data-threads", options.data_threads, 0);
  expect_at_least("learning-rate", options.learning_rate, 0.0);
  expect_at_least("vision-learning-rate", options.vision_learning_rate.value_or(0.0), 0.0);
  expect_at_least("projector-learning-rate", options.projector_learning_rate.value_or(0.0), 0.0);
  for (const int64_t number : {options.max_steps, options.warmup_steps, options.eval_steps, options.save_steps,
                               options.keep_checkpoints, options.threads}) {
    expect_at_least<int64_t>("max-steps, --warmup-steps, --eval-steps, --save-steps, --keep-checkpoints, --threads",
                             number, 0);
  }
  if (options.weight_average < 0 || options.weight_average >= 1) {
    throw InputError(cat("--weight-average: found ", options.weight_average, ", expected 0 (off) or a decay below 1"));
  }
  parse_schedule(options.lr_scheduler);
  parse_parts(options.freeze);
  compute_dtype(options.dtype);
  if (options.save_dtype != "auto") compute_dtype(options.save_dtype);
}

std::vector<ParameterGroup> groups_of(const std::vector<TrainedParameter>& parameters, const TrainOptions& options) {
  return parameter_groups(parameters, {.learning_rate = options.learning_rate,
                                       .vision_learning_rate = options.vision_learning_rate,
                                       .projector_learning_rate = options.projector_learning_rate,
                                       .weight_decay = options.weight_decay,
                                       .decay_norms_and_biases = options.no_decay == "none"});
}

AdamWOptions adamw_of(const TrainOptions& options) {
  return {.beta1 = options.adam_beta1, .beta2 = options.adam_beta2, .epsilon = options.adam_epsilon};
}

Schedule schedule_of(const TrainOptions& options, int64_t total_steps) {
  return {.kind = parse_schedule(options.lr_scheduler),
          .warmup_steps = warmup_steps(options.warmup_steps, options.warmup_ratio, total_steps),
          .total_steps = total_steps};
}

LoaderOptions loader_of(const TrainOptions& options) {
  return {.batch_size = options.batch_size,
          .bin_tokens = options.max_length,
          .packing = options.packing == "on" ? Packing::on : Packing::off,
          .order = options.shuffle == "on" ? Order::shuffled : Order::as_written,
          .seed = options.seed,
          .threads = options.data_threads};
}

}  // namespace r1v

// Checks of the shared training options and their translation for the rooms below.
#include "recipes/train_options.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "models/low_rank.h"
#include "train/state.h"

namespace r1v {
namespace {

void expect_choice(const std::string& option, const std::string& value, const std::string& a, const std::string& b) {
  if (value == a || value == b) return;
  throw InputError(cat("--", option, ": found \"", printable(value), "\", expected ", a, " or ", b));
}

void expect_at_least(const std::string& option, int64_t value, int64_t least) {
  if (value >= least) return;
  throw InputError(cat("--", option, ": found ", value, ", expected at least ", least));
}

void expect_threads(const std::string& option, int64_t value) {
  if (value >= 0 && value <= 1024) return;
  throw InputError(cat("--", option, ": found ", value, ", expected 0 to 1024"));
}

void expect_decay(const std::string& option, double value) {
  if (value >= 0 && value < 1) return;
  throw InputError(cat("--", option, ": found ", value, ", expected a decay from 0 to below 1"));
}

// float16 would need its gradients scaled.
void expect_train_dtype(const std::string& option, const std::string& name) {
  if (name == "auto" || name == "float32" || name == "bfloat16") return;
  throw InputError(cat("--", option, ": found \"", printable(name), "\", expected auto, float32 or bfloat16"));
}

}  // namespace

void expect_real(const std::string& option, double value) {
  if (value >= 0 && std::isfinite(value)) return;
  throw InputError(cat("--", option, ": found ", value, ", expected a finite number of at least 0"));
}

void check_train_options(const TrainOptions& options, const std::string& command) {
  if (options.out.empty()) throw InputError(cat(command, ": --out is missing: the folder that the run is written to"));
  if (options.data.empty()) throw InputError(cat(command, ": --data is missing: files of JSON lines"));
  expect_choice("packing", options.packing, "on", "off");
  expect_choice("shuffle", options.shuffle, "on", "off");
  expect_choice("no-decay", options.no_decay, "norms-and-biases", "none");
  expect_at_least("batch-size", options.batch_size, 1);
  expect_at_least("gradient-accumulation", options.gradient_accumulation, 1);
  expect_at_least("max-length", options.max_length, 2);
  expect_at_least("num-epochs", options.num_epochs, 1);
  expect_threads("data-threads", options.data_threads);
  expect_real("learning-rate", options.learning_rate);
  expect_real("vision-learning-rate", options.vision_learning_rate.value_or(0.0));
  expect_real("projector-learning-rate", options.projector_learning_rate.value_or(0.0));
  expect_at_least("max-steps", options.max_steps, 0);
  expect_at_least("warmup-steps", options.warmup_steps, 0);
  expect_at_least("eval-steps", options.eval_steps, 0);
  expect_at_least("save-steps", options.save_steps, 0);
  expect_at_least("keep-checkpoints", options.keep_checkpoints, 0);
  expect_threads("threads", options.threads);
  expect_real("weight-decay", options.weight_decay);
  expect_real("max-grad-norm", options.max_grad_norm);
  expect_real("adam-epsilon", options.adam_epsilon);
  expect_decay("adam-beta1", options.adam_beta1);
  expect_decay("adam-beta2", options.adam_beta2);
  expect_decay("weight-average", options.weight_average);
  if (!(options.warmup_ratio >= 0 && options.warmup_ratio <= 1)) {
    throw InputError(cat("--warmup-ratio: found ", options.warmup_ratio, ", expected a share of the steps, 0 to 1"));
  }
  if (options.eval_steps > 0 && options.eval_data.empty()) {
    throw InputError(cat("--eval-steps ", options.eval_steps, " without --eval-data; name the files to measure on"));
  }
  expect_at_least("lora-rank", options.lora_rank, 0);
  expect_real("lora-alpha", options.lora_alpha);
  const std::vector<NetworkPart> frozen = parse_parts(options.freeze);
  if (options.lora_rank > 0 && std::ranges::find(frozen, NetworkPart::language) != frozen.end()) {
    throw InputError("--lora-rank lets the language model learn, --freeze language forbids it; leave one out");
  }
  parse_schedule(options.lr_scheduler);
  expect_train_dtype("dtype", options.dtype);
  expect_train_dtype("save-dtype", options.save_dtype);
}

void start_run_folder(const TrainOptions& options) {
  if (!options.resume && latest_checkpoint(options.out)) {
    throw InputError(
        cat(options.out.string(), ": a run is there already; go on with --resume or choose another --out"));
  }
  std::filesystem::create_directories(options.out);
}

std::vector<TrainedParameter> trained_parameters(R1vModel& model, const TrainOptions& options,
                                                 at::ScalarType compute_dtype, OutputHead output_head) {
  if (options.lora_rank > 0) {
    const auto rank = static_cast<double>(options.lora_rank);
    add_low_rank(model, options.lora_rank, options.lora_alpha > 0 ? options.lora_alpha : 2 * rank, options.seed);
  }
  return make_trainable(model, parse_parts(options.freeze), compute_dtype, output_head, options.freeze_layers);
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

LineDataOptions lines_of(const TrainOptions& options, const std::vector<std::filesystem::path>& files,
                         int64_t vocab_size) {
  return {.files = files,
          .images_root = options.images_root.empty() ? std::nullopt : std::optional(options.images_root),
          .max_length = options.max_length,
          .vocab_size = vocab_size,
          .bad_lines = options.skip_bad ? BadLines::skip : BadLines::stop};
}

int64_t count_steps(const Loader& loader, int64_t epochs, int64_t gradient_accumulation) {
  int64_t steps = 0;
  for (int64_t epoch = 0; epoch < epochs; ++epoch) {
    steps += (loader.count_batches(epoch) + gradient_accumulation - 1) / gradient_accumulation;
  }
  return steps;
}

std::vector<PackedBatch> next_batches(Loader& loader, int64_t gradient_accumulation, const std::string& option) {
  std::vector<PackedBatch> batches;
  int64_t ended_epochs = 0;
  while (static_cast<int64_t>(batches.size()) < gradient_accumulation) {
    if (auto batch = loader.next()) {
      batches.push_back(std::move(*batch));
      continue;
    }
    if (!batches.empty()) break;
    if (++ended_epochs == 2) {
      throw InputError(cat(option, ": no usable sample in a whole epoch; see the counts in log.txt"));
    }
  }
  return batches;
}

}  // namespace r1v

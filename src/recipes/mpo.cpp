// The loop of `r1v train mpo`, in the open.
#include "recipes/mpo.h"

#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/options.h"
#include "data/read_preferences.h"
#include "models/registry.h"
#include "recipes/mpo_totals.h"
#include "recipes/reference_logps.h"
#include "recipes/training_run.h"
#include "tensor/dtype.h"
#include "train/meter.h"
#include "train/state.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

class MpoRun {
 public:
  MpoRun(const MpoOptions& options, const std::atomic<bool>& stop);
  int run();

 private:
  void prepare_references();
  PairRewards rewards(const PackedBatch& batch, const at::Tensor& reference_N2) const;
  void update_delta(const std::vector<PackedBatch>& batches);
  Json step();
  MpoTotals learn(const std::vector<PackedBatch>& batches);
  void evaluate(Json& line);
  void save();
  void restore();
  void say_what_was_left_out() const;

  const MpoOptions& options_;
  const std::atomic<bool>& stop_;
  const MpoWeights weights_;
  const SftMean sft_mean_;
  const Renderer renderer_;
  const std::unique_ptr<R1vModel> model_;
  const PreferenceData data_;
  Loader loader_;
  std::unique_ptr<PreferenceData> eval_data_;
  std::unique_ptr<Learner> learner_;
  std::unique_ptr<Meter> meter_;
  Schedule schedule_;
  at::ScalarType dtype_;
  ReferenceKey key_;
  at::Tensor reference_N2_, eval_reference_N2_;
  RunningDelta delta_;
  int64_t step_ = 0, saved_ = 0;
  int64_t pairs_ = 0, idle_pairs_ = 0;  // seen; of these without a part that learns
};

MpoRun::MpoRun(const MpoOptions& options, const std::atomic<bool>& stop)
    : options_(options),
      stop_(stop),
      weights_(parse_mpo_weights(options.loss_weights)),
      sft_mean_(options.sft_mean == "tokens" ? SftMean::tokens : SftMean::sequences),
      renderer_(options.model),
      model_(open_network(options)),
      data_(renderer_, lines_of(options, options.data), PairForm::as_written),
      loader_(data_, loader_of(options)),
      dtype_(compute_dtype(options.dtype)) {
  if (!options.eval_data.empty()) {
    eval_data_ =
        std::make_unique<PreferenceData>(renderer_, lines_of(options, options.eval_data), PairForm::as_written);
  }
  learner_ = make_learner(trained_parameters(*model_, options, dtype_), options);
  schedule_ = schedule_of(options, options.max_steps > 0
                                       ? options.max_steps
                                       : count_steps(loader_, options.num_epochs, options.gradient_accumulation));
  prepare_references();
  if (options.resume) restore();
  meter_ = std::make_unique<Meter>(options.out, step_, schedule_.total_steps);
  meter_->say(cat(data_.size(), " pairs, ", schedule_.total_steps, " steps, ", learner_->size(), " parameters learn, ",
                  dtype_name(dtype_), " arithmetic, ", at::get_num_threads(), " threads"));
}

// The run's own file where it has one; else one pass over the data.
std::optional<at::Tensor> reference_for(const PairNetwork& policy, const LineData& data, const TrainOptions& options,
                                        const fs::path& file, const ReferenceKey& key, const std::atomic<bool>& stop) {
  if (auto found = read_reference_logps(file, key)) return found;
  // A bad last line is told before the hours of the pass, not behind them.
  for (int64_t i = 0; !options.skip_bad && i < data.size() && !stop; ++i) data.length(i);
  log_info(cat("reference: log-probabilities of ", data.size(), " pairs"));
  auto logps_N2 = compute_reference_logps(policy, data, loader_of(options), stop);
  if (logps_N2) write_reference_logps(file, *logps_N2, key);
  return logps_N2;
}

void MpoRun::prepare_references() {
  std::unique_ptr<R1vModel> other;
  if (!options_.reference.empty()) other = load_model(options_.reference, {.dtype = dtype_});
  R1vModel& policy = other ? *other : *model_;
  const int64_t vocab = policy.config().language.vocab_size, mine = model_->config().language.vocab_size;
  if (vocab != mine) {
    throw InputError(cat("--reference ", options_.reference.string(), ": its vocabulary has ", vocab,
                         " tokens, that of ", options_.model.string(), " ", mine, "; both must read the same tokens"));
  }
  key_ = reference_key(policy, data_, dtype_);
  if (const auto checkpoint = latest_checkpoint(options_.out)) {
    const fs::path file = *checkpoint / "training_state" / "state.json";
    const std::string other_key =
        key_.difference(json_at(read_json_file(file), "reference", file.string()), file.string());
    if (!other_key.empty()) {
      throw InputError(cat(checkpoint->string(), ": this run began with another ", other_key,
                           "; resume with the same, or start another run with another --out"));
    }
  }
  const PairNetwork network{policy, renderer_.image_token_id(), dtype_};
  const auto reference = [&](const LineData& data, const char* name, const ReferenceKey& key) {
    return stop_ ? std::nullopt : reference_for(network, data, options_, options_.out / name, key, stop_);
  };
  reference_N2_ = reference(data_, "reference.safetensors", key_).value_or(at::Tensor());
  if (!eval_data_) return;
  const ReferenceKey eval_key = key_.with_data(*eval_data_);
  eval_reference_N2_ = reference(*eval_data_, "reference-eval.safetensors", eval_key).value_or(at::Tensor());
}

PairRewards MpoRun::rewards(const PackedBatch& batch, const at::Tensor& reference_N2) const {
  const PairNetwork policy{*model_, renderer_.image_token_id(), dtype_,
                           options_.gradient_checkpointing && at::GradMode::is_enabled()};
  PairRewards pairs{.logps = answer_logps(policy, batch), .rewards_P2 = {}};
  pairs.rewards_P2 = implicit_rewards(pairs.logps.sums_P2, reference_of(reference_N2, batch), options_.beta);
  return pairs;
}

// Before any gradient: what the line is depends on the rewards of all micro-batches.
void MpoRun::update_delta(const std::vector<PackedBatch>& batches) {
  const at::NoGradGuard no_gradients;
  double sum = 0, count = 0;
  for (const PackedBatch& batch : batches) {
    const at::Tensor rewards_P2 = rewards(batch, reference_N2_).rewards_P2;
    sum += rewards_P2.sum().item<double>();
    count += static_cast<double>(rewards_P2.numel());
  }
  delta_.update(sum / count);
}

// Forward and backward of every micro-batch; every pair of the step weighs the same, and every chosen token.
MpoTotals MpoRun::learn(const std::vector<PackedBatch>& batches) {
  const bool ahead = options_.delta == "step" && batches.size() > 1;
  if (ahead) update_delta(batches);
  double num_pairs = 0, num_generated = 0;
  for (const PackedBatch& batch : batches) {
    const auto count = static_cast<double>(batch.pairs.size());
    num_pairs += count;
    num_generated += sft_mean_ == SftMean::tokens ? answer_tokens(batch).select(1, 0).sum().item<double>() : count;
  }
  MpoTotals totals;
  for (const PackedBatch& batch : batches) {
    const PairRewards pairs = rewards(batch, reference_N2_);
    if (!ahead && options_.delta != "off") delta_.update(pairs.rewards_P2.mean().item<double>());
    const PairLosses losses(pairs, delta_.mean, sft_mean_);
    const at::Tensor loss =
        (weights_.preference * losses.preference.sum + weights_.quality * losses.quality.sum) / num_pairs +
        weights_.generation * losses.generation.sum / num_generated;
    if (loss.requires_grad()) {
      loss.backward();
      learner_->collect();
    } else {
      idle_pairs_ += std::ssize(batch.pairs);
    }
    totals.add(pairs, losses);
  }
  return totals;
}

Json MpoRun::step() {
  const double start_s = monotonic_s();
  const std::vector<PackedBatch> batches = next_batches(loader_, options_.gradient_accumulation, "--data");
  const double wait_s = monotonic_s() - start_s;
  int64_t tokens = 0;
  for (const PackedBatch& batch : batches) tokens += batch.num_tokens();
  const MpoTotals totals = learn(batches);
  pairs_ += static_cast<int64_t>(totals.pairs);
  Json line = {{"step", step_ + 1}};
  totals.write(line, "", weights_);
  const double factor = schedule_factor(schedule_, step_);
  const double norm =
      learner_->update(factor, options_.max_grad_norm, cat("step ", step_ + 1, ", loss ", line["loss"].get<double>()));
  learner_->average(step_);
  ++step_;
  const double seconds = monotonic_s() - start_s;
  line["delta"] = delta_.mean;
  line["learning_rate"] = factor * options_.learning_rate;
  line["grad_norm"] = norm;
  line["epoch"] = loader_.epoch();
  line["pairs"] = static_cast<int64_t>(totals.pairs);
  line["tokens"] = tokens;
  line["tokens_per_s"] = static_cast<double>(tokens) / seconds;
  line["pairs_per_s"] = totals.pairs / seconds;
  line["wait_s"] = wait_s;
  return line;
}

// Delta is used as it stands, so that measuring changes nothing.
void MpoRun::evaluate(Json& line) {
  const at::NoGradGuard no_gradients;
  Loader loader(*eval_data_, measuring_loader_of(options_));
  MpoTotals totals;
  learner_->with_averages([&] {
    while (const auto batch = loader.next()) {
      const PairRewards pairs = rewards(*batch, eval_reference_N2_);
      totals.add(pairs, PairLosses(pairs, delta_.mean, sft_mean_));
    }
  });
  if (totals.pairs == 0) throw InputError("--eval-data: no usable pair; every line was left out");
  totals.write(line, "eval_", weights_);
}

void MpoRun::save() {
  const Json position = {{"step", step_},
                         {"loader", loader_.position()},
                         {"delta", {{"mean", delta_.mean}, {"count", delta_.count}}},
                         {"reference", key_.json()}};
  meter_->say(save_checkpoint(*learner_, *model_, options_, step_, position));
  saved_ = step_;
}

void MpoRun::restore() {
  const auto folder = checkpoint_to_resume(options_.out);
  if (!folder) return;
  const Json position = learner_->restore(*folder);
  const std::string where = folder->string();
  step_ = json_int(position, "step", where);
  loader_.restore(json_at(position, "loader", where));
  const Json& delta = json_at(position, "delta", where);
  delta_ = {.mean = json_number(delta, "mean", where), .count = json_number(delta, "count", where)};
}

void MpoRun::say_what_was_left_out() const {
  const auto say = [&](const char* option, const PreferenceData& data) {
    if (const auto line = left_out_pairs(option, data, options_.max_length)) meter_->say(*line);
  };
  say("--data", data_);
  if (eval_data_) say("--eval-data", *eval_data_);
  if (idle_pairs_ == 0) return;
  meter_->say(
      cat(idle_pairs_, " of ", pairs_,
          " pairs taught nothing: no part that learns has a say in them; text needs a --freeze without language"));
}

int MpoRun::run() {
  if (!reference_N2_.defined() || (eval_data_ && !eval_reference_N2_.defined())) return 130;  // stopped before
  const auto due = [this](int64_t every) { return every > 0 && step_ % every == 0; };
  if (step_ >= schedule_.total_steps) {
    meter_->say(cat("step ", step_, " of ", schedule_.total_steps, " is done; --max-steps or --num-epochs go further"));
  }
  saved_ = step_;
  while (step_ < schedule_.total_steps && !stop_) {
    Json line = step();
    const bool last = step_ == schedule_.total_steps;
    if (eval_data_ && !stop_ && (due(options_.eval_steps) || last)) evaluate(line);  // Ctrl-C: save at once
    meter_->write(line);
    if (due(options_.save_steps) || last || stop_) save();
  }
  if (stop_ && saved_ != step_) save();  // Ctrl-C behind the step's own check
  say_what_was_left_out();
  return stop_ ? 130 : 0;
}

void check(const MpoOptions& options) {
  check_train_options(options, "train mpo");
  parse_mpo_weights(options.loss_weights);
  if (!(options.beta > 0) || std::isinf(options.beta)) {
    throw InputError(cat("--beta: found ", options.beta, ", expected a number above 0"));
  }
  if (options.delta != "step" && options.delta != "micro-batch" && options.delta != "off") {
    throw InputError(cat("--delta: found \"", printable(options.delta), "\", expected step, micro-batch or off"));
  }
  if (options.sft_mean != "tokens" && options.sft_mean != "sequences") {
    throw InputError(cat("--sft-mean: found \"", printable(options.sft_mean), "\", expected tokens or sequences"));
  }
}

}  // namespace

int train_mpo(const MpoOptions& options, const std::atomic<bool>& stop) {
  check(options);
  start_run_folder(options);
  if (options.threads > 0) at::set_num_threads(static_cast<int>(options.threads));
  MpoRun run(options, stop);  // a resumed run that is refused keeps the options that it was made with
  write_file_atomic(options.out / "options.toml", options_toml(options));
  return run.run();
}

}  // namespace r1v

// The loop of `r1v train reward`, in the open: stages one after the other, each with its data and learning rate.
#include "recipes/reward.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <map>
#include <memory>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/options.h"
#include "base/rng.h"
#include "data/read_preferences.h"
#include "models/expand.h"
#include "models/registry.h"
#include "models/value_head.h"
#include "prompt/gguf_prompt.h"
#include "recipes/on_off.h"
#include "recipes/reward_scores.h"
#include "recipes/training_run.h"
#include "tensor/dtype.h"
#include "text/same_tokens.h"
#include "train/meter.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<R1vModel> open_judge(const RewardOptions& options) {
  std::unique_ptr<R1vModel> network = open_network(options);
  return options.expand_layers > 0 ? with_more_layers(*network, options.expand_layers) : std::move(network);
}

std::unique_ptr<ValueHead> open_head(const RewardOptions& options, int64_t width) {
  std::unique_ptr<ValueHead> stored;
  if (has_value_head(options.model)) stored = load_value_head(options.model, width, at::kCPU);
  const double given = options.own_likelihood, weight = given == 0 && stored ? stored->likelihood_weight() : given;
  auto head = std::make_unique<ValueHead>(width, weight);
  if (stored && !options.initialize) {
    const auto values = stored->named_parameters();
    size_t next = 0;
    head->walk([&](const std::string&, at::Tensor& parameter) { parameter = *values[next++].second; });
    return head;
  }
  at::Generator generator = at::detail::createCPUGenerator(mix_seed(options.seed, "value head"));
  head->walk([&](const std::string&, at::Tensor& parameter) {
    parameter = at::zeros(parameter.sizes());
    if (parameter.dim() == 2) parameter.normal_(0.0, 1.0 / std::sqrt(static_cast<double>(width + 1)), generator);
  });
  return head;
}

/// A part of the run with its own data and learning rate.
struct Stage {
  Stage(const Renderer& renderer, const RewardOptions& options, const std::vector<fs::path>& files)
      : data(renderer, lines_of(options, files)), loader(data, loader_of(options)) {}

  PreferenceData data;
  Loader loader;
  double learning_rate = 0.0;
  Schedule schedule;
};

std::unique_ptr<Stage> make_stage(const Renderer& renderer, const RewardOptions& options, bool is_second) {
  auto stage = std::make_unique<Stage>(renderer, options, is_second ? options.second_data : options.data);
  stage->learning_rate = is_second ? options.second_learning_rate : options.learning_rate;
  int64_t steps = is_second ? options.second_steps : options.max_steps;
  const int64_t epochs = is_second ? options.second_epochs : options.num_epochs;
  if (steps == 0) steps = count_steps(stage->loader, epochs, options.gradient_accumulation);
  stage->schedule = schedule_of(options, steps);
  return stage;
}

class RewardRun {
 public:
  RewardRun(const RewardOptions& options, const std::atomic<bool>& stop);
  int run();

 private:
  Json step();
  bool reads_likelihood() const { return head_->likelihood_weight() != 0 || options_.sft_weight > 0; }
  /// The score as it would be if the conversation ended at each token, [T]; `nats_T`: running_likelihood, or undefined.
  at::Tensor scores(const at::Tensor& hidden_TD, const at::Tensor& nats_T) const;
  at::Tensor likelihood(const at::Tensor& hidden_TD, const PackedBatch& batch) const;
  void evaluate(Json& line);
  void save();
  void restore();
  void say_what_was_left_out() const;
  Stage& stage() { return step_ < stages_.front()->schedule.total_steps ? *stages_.front() : *stages_.back(); }
  int64_t step_of_stage() const {
    const int64_t first = stages_.front()->schedule.total_steps;
    return step_ < first ? step_ : step_ - first;
  }
  int64_t total_steps() const {
    int64_t total = 0;
    for (const auto& stage : stages_) total += stage->schedule.total_steps;
    return total;
  }

  const RewardOptions& options_;
  const std::atomic<bool>& stop_;
  const Renderer renderer_;
  const std::unique_ptr<R1vModel> model_;
  const std::unique_ptr<ValueHead> head_;
  std::unique_ptr<R1vModel> policy_;  // of --likelihood-model; never trained
  std::vector<std::unique_ptr<Stage>> stages_;
  std::unique_ptr<PreferenceData> eval_data_;
  std::unique_ptr<Learner> learner_;
  std::unique_ptr<Meter> meter_;
  at::ScalarType dtype_;
  int64_t step_ = 0;
};

RewardRun::RewardRun(const RewardOptions& options, const std::atomic<bool>& stop)
    : options_(options),
      stop_(stop),
      renderer_(options.model),
      model_(open_judge(options)),
      head_(open_head(options, model_->config().language.hidden_size)),
      dtype_(compute_dtype(options.dtype)) {
  if (!options.likelihood_model.empty()) {
    expect_same_tokens(load_tokenizer(options.likelihood_model),
                       cat("--likelihood-model ", options.likelihood_model.string()), renderer_.tokenizer());
    policy_ = load_model(options.likelihood_model, {.dtype = dtype_});
  }
  stages_.push_back(make_stage(renderer_, options, /*is_second=*/false));
  if (!options.second_data.empty()) stages_.push_back(make_stage(renderer_, options, /*is_second=*/true));
  if (!options.eval_data.empty()) {
    eval_data_ = std::make_unique<PreferenceData>(renderer_, lines_of(options, options.eval_data));
  }
  std::vector<TrainedParameter> parameters =
      trained_parameters(*model_, options, dtype_, reads_likelihood() ? OutputHead::used : OutputHead::unused);
  const std::vector<TrainedParameter> head = make_trainable(*head_, {}, at::kFloat);
  parameters.insert(parameters.end(), head.begin(), head.end());
  learner_ = make_learner(parameters, options);
  if (options.resume) restore();
  meter_ = std::make_unique<Meter>(options.out, step_, total_steps());
  for (const auto& stage : stages_) {
    meter_->say(cat(stage->data.size(), " pairs, ", stage->schedule.total_steps, " steps at ", stage->learning_rate));
  }
  meter_->say(cat(learner_->size(), " parameters learn, ", dtype_name(dtype_), " arithmetic, ", at::get_num_threads(),
                  " threads"));
}

at::Tensor RewardRun::likelihood(const at::Tensor& hidden_TD, const PackedBatch& batch) const {
  return reads_likelihood() ? running_likelihood(hidden_TD, model_->head_weight_VD(), batch) : at::Tensor();
}

at::Tensor RewardRun::scores(const at::Tensor& hidden_TD, const at::Tensor& nats_T) const {
  const at::Tensor values_T = head_->forward(hidden_TD);
  return head_->likelihood_weight() != 0 ? values_T + head_->likelihood_weight() * nats_T : values_T;
}

Json RewardRun::step() {
  const double start_s = monotonic_s();
  Stage& now = stage();
  const std::vector<PackedBatch> batches = next_batches(now.loader, options_.gradient_accumulation,
                                                        &now == stages_.front().get() ? "--data" : "--second-data");
  int64_t pairs = 0, tokens = 0, correct = 0;
  for (const PackedBatch& batch : batches) {
    pairs += static_cast<int64_t>(batch.pairs.size());
    tokens += batch.num_tokens();
  }
  double loss_nats = 0, margin = 0, pull_sum = 0, sft_nats = 0;
  const PairNetwork network{*model_, renderer_.image_token_id(), dtype_, options_.gradient_checkpointing};
  for (const PackedBatch& batch : batches) {
    const at::Tensor hidden_TD = network.hidden(batch);
    const at::Tensor nats_T = likelihood(hidden_TD, batch);
    const at::Tensor values_T = scores(hidden_TD, nats_T);
    const RewardLoss loss = reward_loss(last_values(values_T, batch), margins_of(batch, options_.margin == "on"),
                                        options_.center_rewards_coefficient);
    at::Tensor sum = loss.sum;
    const double share = options_.token_loss_weight;
    if (share > 0) sum = (1 - share) * sum + share * token_loss(values_T, batch);
    if (options_.sft_weight > 0) {
      const at::Tensor better_P = (last_values(nats_T, batch) / answer_tokens(batch)).select(1, 0);
      sum = sum - options_.sft_weight * better_P.sum();
      sft_nats -= better_P.sum().item<double>();
    }
    if (policy_) {
      const PairNetwork policy{*policy_, renderer_.image_token_id(), dtype_};
      const at::Tensor pull = likelihood_loss(values_T, answer_likelihood(policy, batch), batch);
      sum = sum + options_.likelihood_weight * pull;
      pull_sum += pull.item<double>();
    }
    (sum / static_cast<double>(pairs)).backward();
    learner_->collect();
    loss_nats += loss.sum.item<double>();
    correct += loss.correct;
    margin += loss.margin;
  }
  const auto count = static_cast<double>(pairs);
  // Groups have the first stage's rates; the second stage's are in the same proportion to each other.
  const double factor = schedule_factor(now.schedule, step_of_stage());
  const double norm = learner_->update(factor * now.learning_rate / options_.learning_rate, options_.max_grad_norm,
                                       cat("step ", step_ + 1, ", loss ", loss_nats / count));
  learner_->average(step_);
  ++step_;
  const double seconds = monotonic_s() - start_s;
  Json line = {{"step", step_},
               {"loss", loss_nats / count},
               {"learning_rate", factor * now.learning_rate},
               {"grad_norm", norm},
               {"accuracy", static_cast<double>(correct) / count},
               {"margin", margin / count},
               {"pairs", pairs},
               {"tokens", tokens},
               {"tokens_per_s", static_cast<double>(tokens) / seconds},
               {"pairs_per_s", count / seconds}};
  if (policy_) line["likelihood_loss"] = pull_sum / count;
  if (options_.sft_weight > 0) line["sft_loss"] = sft_nats / count;
  return line;
}

void RewardRun::evaluate(Json& line) {
  const at::NoGradGuard no_gradients;
  Loader loader(*eval_data_, measuring_loader_of(options_));
  const PairNetwork network{*model_, renderer_.image_token_id(), dtype_, /*recompute=*/false};
  PairAccuracy accuracy;
  learner_->with_averages([&] {
    while (const auto batch = loader.next()) {
      const at::Tensor hidden_TD = network.hidden(*batch);
      accuracy.add(*batch, last_values(scores(hidden_TD, likelihood(hidden_TD, *batch)), *batch));
    }
  });
  if (accuracy.pairs() == 0) throw InputError("--eval-data: no usable pair; every line was left out");
  accuracy.write(line);
}

void RewardRun::save() {
  Json loaders = Json::array();
  for (const auto& stage : stages_) loaders.push_back(stage->loader.position());
  meter_->say(save_checkpoint(*learner_, *model_, options_, step_, {{"step", step_}, {"loaders", loaders}},
                              [this](const fs::path& folder) { save_value_head(*head_, folder); }));
}

void RewardRun::restore() {
  const auto folder = checkpoint_to_resume(options_.out);
  if (!folder) return;
  const Json position = learner_->restore(*folder);
  step_ = json_int(position, "step", folder->string());
  const double kept = load_value_head(*folder, model_->config().language.hidden_size, at::kCPU)->likelihood_weight();
  if (kept != static_cast<float>(head_->likelihood_weight())) {
    throw InputError(cat(folder->string(), ": the checkpoint's judge weighs the likelihood by ", kept, ", found ",
                         head_->likelihood_weight(), "; resume with the same --own-likelihood"));
  }
  const Json& loaders = json_at(position, "loaders", folder->string());
  if (!loaders.is_array() || loaders.size() != stages_.size()) {
    throw InputError(cat(folder->string(),
                         ": the checkpoint's run has another number of stages; resume with the same "
                         "--data and --second-data"));
  }
  for (size_t i = 0; i < stages_.size(); ++i) stages_[i]->loader.restore(loaders[i]);
}

void RewardRun::say_what_was_left_out() const {
  const auto say = [&](const char* option, const PreferenceData& data) {
    if (const auto line = left_out_pairs(option, data, options_.max_length)) meter_->say(*line);
  };
  say("--data", stages_.front()->data);
  if (stages_.size() > 1) say("--second-data", stages_.back()->data);
  if (eval_data_) say("--eval-data", *eval_data_);
}

int RewardRun::run() {
  const auto due = [this](int64_t every) { return every > 0 && step_ % every == 0; };
  if (step_ >= total_steps()) meter_->say(cat("step ", step_, " of ", total_steps(), " is done already"));
  while (step_ < total_steps() && !stop_) {
    Json line = step();
    const bool last = step_ == total_steps();
    if (eval_data_ && !stop_ && (due(options_.eval_steps) || last)) evaluate(line);  // Ctrl-C: save at once
    meter_->write(line);
    if (due(options_.save_steps) || last || stop_) save();
  }
  say_what_was_left_out();
  return stop_ ? 130 : 0;
}

/// 0, or what stays a positive number in a checkpoint.
bool is_weight(double weight) {
  const auto stored = static_cast<float>(weight);
  return weight == 0 || (std::isfinite(stored) && stored > 0);
}

void check(const RewardOptions& options) {
  check_train_options(options, "train reward");
  is_on("margin", options.margin);
  expect_real("center-rewards-coefficient", options.center_rewards_coefficient);
  expect_real("second-learning-rate", options.second_learning_rate);
  if (options.expand_layers < 0 || options.freeze_layers < 0 || !(options.learning_rate > 0) ||
      !(options.token_loss_weight >= 0 && options.token_loss_weight <= 1) || !is_weight(options.likelihood_weight) ||
      !is_weight(options.own_likelihood) || !is_weight(options.sft_weight) || options.second_epochs < 0 ||
      options.second_steps < 0) {
    throw InputError(
        "train reward: --second-epochs, --second-steps, --expand-layers and --freeze-layers must not be negative; "
        "--likelihood-weight, --own-likelihood and --sft-weight are 0 or numbers that float32 can hold; "
        "--learning-rate must be above 0, and --token-loss-weight is a share, 0 to 1");
  }
}

}  // namespace

int train_reward(const RewardOptions& options, const std::atomic<bool>& stop) {
  check(options);
  start_run_folder(options);
  write_file_atomic(options.out / "options.toml", options_toml(options));
  if (options.threads > 0) at::set_num_threads(static_cast<int>(options.threads));
  return RewardRun(options, stop).run();
}

}  // namespace r1v

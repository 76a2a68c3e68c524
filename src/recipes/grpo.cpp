// The loop of `r1v train grpo`, in the open: sample, judge, compare within groups, learn.
#include "recipes/grpo.h"

#include <ATen/Parallel.h>

#include <deque>
#include <map>
#include <memory>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/options.h"
#include "base/rng.h"
#include "kernels/packed_weight.h"
#include "models/packed_language.h"
#include "models/registry.h"
#include "recipes/greedy_accuracy.h"
#include "recipes/grpo_settings.h"
#include "recipes/mixed_questions.h"
#include "recipes/policy_update.h"
#include "recipes/rollout_log.h"
#include "recipes/training_run.h"
#include "tensor/dtype.h"
#include "train/meter.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBufferFile = "sample_buffer.safetensors";

/// Packed as `r1v score` packs it: answers then share passes.
std::unique_ptr<RewardModel> open_reward_model(const fs::path& folder) {
  LoadOptions load{.dtype = compute_dtype("auto")};
  if (PackedLanguage::fits(read_model_config(folder).language)) {
    load.packed = load.dtype == at::kBFloat16 ? WeightFormat::bfloat16 : WeightFormat::float32;
  }
  return std::make_unique<RewardModel>(folder, load);
}

class GrpoRun {
 public:
  GrpoRun(const GrpoOptions& options, const std::atomic<bool>& stop);
  int run();
  int keep_mixed();

 private:
  std::optional<Json> step();
  std::optional<std::vector<RolloutGroup>> sample();
  Json learn_from(const std::vector<RolloutGroup>& groups);
  void give_advantages(std::vector<RolloutGroup>& groups) const;
  std::vector<KeptSample> draw_kept(const std::vector<RolloutGroup>& groups, int64_t count);
  void keep_effective(const std::vector<RolloutGroup>& groups);
  LearnFigures learn(LearnSet& set);
  void evaluate(Json& line);
  void save();
  void restore();
  void say_what_learns();
  void warn_of_flat_scores(const Json& line);

  const GrpoOptions& options_;
  const std::atomic<bool>& stop_;
  const Renderer renderer_;
  const std::unique_ptr<R1vModel> model_;
  const at::ScalarType dtype_;
  QuestionData data_;
  QuestionOrder order_;
  std::unique_ptr<QuestionData> eval_data_;
  std::unique_ptr<RewardModel> reward_model_;
  std::unique_ptr<R1vModel> reference_;  // the first policy, where a KL term wants it
  std::unique_ptr<Learner> learner_;
  SampleBuffer buffer_;
  std::deque<Question> kept_questions_;  // of the samples drawn in this step
  std::optional<SamplingNetwork> sampler_;
  std::unique_ptr<Meter> meter_;
  std::unique_ptr<RolloutLog> log_;
  Schedule schedule_;
  int64_t step_ = 0, saved_ = 0;
  bool has_warned_ = false;        // of flat scores
  int64_t learnt_ = 0, idle_ = 0;  // answers that went through the network to be learnt; of these without effect
};

GrpoRun::GrpoRun(const GrpoOptions& options, const std::atomic<bool>& stop)
    : options_(options),
      stop_(stop),
      renderer_(options.model),
      model_(load_model(options.model)),
      dtype_(compute_dtype(options.dtype)),
      data_(renderer_, questions_of(options, options.data)),
      order_(data_, options.shuffle == "on" ? Order::shuffled : Order::as_written, options.seed),
      buffer_(buffer_of(options)) {
  if (!options.eval_data.empty()) {
    eval_data_ = std::make_unique<QuestionData>(renderer_, questions_of(options, options.eval_data));
  }
  if (!options.reward_model.empty()) reward_model_ = open_reward_model(options.reward_model);
  if (options.beta > 0) reference_ = load_model(options.model, {.dtype = dtype_});
  learner_ = make_learner(trained_parameters(*model_, options, dtype_), options);
  const int64_t a_step = questions_a_step(options);
  schedule_ = schedule_of(
      options, options.max_steps > 0 ? options.max_steps : (options.num_epochs * data_.size() + a_step - 1) / a_step);
  if (options.resume) restore();
  sampler_.emplace(*model_);
}

void GrpoRun::say_what_learns() {
  meter_->say(cat(data_.size(), " questions, ", schedule_.total_steps, " steps of ", questions_a_step(options_),
                  " questions with ", options_.num_generations, " answers, ", learner_->size(), " parameters learn, ",
                  dtype_name(dtype_), " arithmetic, ", at::get_num_threads(), " threads"));
}

void GrpoRun::give_advantages(std::vector<RolloutGroup>& groups) const {
  GroupRewards rewards;
  for (const RolloutGroup& group : groups) {
    auto& own = rewards.emplace_back();
    for (const RolloutSample& sample : group.samples) own.push_back(sample.worth());
  }
  const auto advantages = group_advantages(rewards, advantage_of(options_));
  for (size_t i = 0; i < groups.size(); ++i) {
    for (size_t k = 0; k < groups[i].samples.size(); ++k) groups[i].samples[k].advantage = advantages[i][k];
  }
}

// The questions of kept samples are read again: a buffer of pictures would be large.
std::vector<KeptSample> GrpoRun::draw_kept(const std::vector<RolloutGroup>& groups, int64_t count) {
  buffer_.drop_older(step_);
  Rng rng(mix_seed(mix_seed(options_.seed, "sample buffer"), static_cast<uint64_t>(step_)));
  std::map<int64_t, const Prompt*> prompts;
  for (const RolloutGroup& group : groups) prompts.emplace(group.question.index, &group.question.prompt);
  kept_questions_.clear();
  std::vector<KeptSample> kept;
  for (BufferedSample& sample : buffer_.draw(count, rng)) {
    const Prompt*& prompt = prompts[sample.question];
    if (prompt == nullptr) {
      std::optional<Question> question = data_.read(sample.question);
      if (!question) {
        throw InputError(cat("--data: line ", sample.question + 1,
                             " of all, which an answer in the sample buffer "
                             "answers, cannot be used any more; resume with the same --data and --max-length"));
      }
      prompt = &kept_questions_.emplace_back(std::move(*question)).prompt;
    }
    kept.push_back({.sample = std::move(sample), .prompt = prompt});
  }
  return kept;
}

void GrpoRun::keep_effective(const std::vector<RolloutGroup>& groups) {
  const LearnRules rules = learn_of(options_);
  for (const RolloutGroup& group : groups) {
    for (const RolloutSample& sample : group.samples) {
      if (!is_effective(sample, rules)) continue;
      buffer_.add({.question = group.question.index,
                   .version = step_,
                   .advantage = sample.advantage,
                   .ids = sample.ids,
                   .logprobs = sample.logprobs});
    }
  }
}

LearnFigures GrpoRun::learn(LearnSet& set) {
  const PolicyUpdate update{.policy = {.model = *model_,
                                       .image_token_id = renderer_.image_token_id(),
                                       .dtype = dtype_,
                                       .recompute = options_.gradient_checkpointing},
                            .head = sampler_->head(),
                            .reference = reference_.get(),
                            .loss = loss_of(options_),
                            .temperature = options_.temperature,
                            .max_groups = options_.batch_size,
                            .max_rows = options_.pass_tokens};
  PolicyGradient gradient(update, renderer_.tokenizer(), [&] { learner_->collect(); });
  LearnFigures figures;
  for (int64_t iteration = 0; iteration < options_.num_iterations; ++iteration) {
    for (const SampleList& mini_batch : set.mini_batches) {
      if (mini_batch.empty()) continue;
      // Until the first update the weights are those that sampled.
      const Measure measure = figures.updates == 0 ? Measure::entropy_and_difference
                              : iteration == 0     ? Measure::entropy
                                                   : Measure::nothing;
      const UpdateFigures passes = gradient.run(set, mini_batch, measure);
      figures.loss += passes.loss;
      figures.passes.add(passes);
      learnt_ += std::ssize(mini_batch);
      idle_ += passes.idle;
      figures.norm +=
          learner_->update(schedule_factor(schedule_, step_), options_.max_grad_norm, cat("step ", step_ + 1));
      sampler_->refresh();  // forward passes multiply with its panels, too
      ++figures.updates;
    }
  }
  figures.policy = gradient.figures();
  return figures;
}

/// Scores far from the middle of their scale all become the same number.
void GrpoRun::warn_of_flat_scores(const Json& line) {
  if (has_warned_ || options_.reward_scale == "raw" || !line.contains("model_reward")) return;
  const double reward = line["model_reward"], least = options_.reward_scale == "clip" ? -1.0 : 0.0;
  constexpr double kEdge = 0.01;
  if (reward > least + kEdge && reward < 1.0 - kEdge) return;
  has_warned_ = true;
  meter_->say(cat("warning: the reward model's scores (mean ", line["model_reward_raw"].get<double>(), ") become ",
                  reward, " by --reward-scale ", options_.reward_scale,
                  " and hardly differ; give a larger --reward-scale-width, or --reward-scale raw"));
}

/// none: stopped, and the open step is given up. A question that cannot be read does not take the steps before it
/// along.
std::optional<std::vector<RolloutGroup>> GrpoRun::sample() {
  const Json position = order_.position();
  const uint64_t seed = mix_seed(mix_seed(options_.seed, "rollout"), static_cast<uint64_t>(step_));
  try {
    auto groups = sample_groups(sampler_->network(), renderer_, order_.next(questions_a_step(options_)),
                                sampling_of(options_, seed), engine_of(options_, *sampler_), stop_);
    if (!groups) order_.restore(position);
    return groups;
  } catch (const InputError&) {
    order_.restore(position);
    if (saved_ != step_) save();
    throw;
  }
}

std::optional<Json> GrpoRun::step() {
  const double start_s = monotonic_s();
  auto groups = sample();
  if (!groups) return std::nullopt;
  const double sampled_s = monotonic_s();
  judge_groups(*groups, judge_of(options_, reward_model_.get()));
  give_advantages(*groups);
  const double scored_s = monotonic_s();
  Json line = {{"step", step_ + 1}};
  line.update(rollout_figures(*groups));
  warn_of_flat_scores(line);
  line.update(learn_from(*groups));
  const double end_s = monotonic_s();
  line["tokens_per_s"] = line["tokens"].get<double>() / (end_s - scored_s);
  line.update({{"epoch", order_.epoch()},
               {"generate_s", sampled_s - start_s},
               {"score_s", scored_s - sampled_s},
               {"train_s", end_s - scored_s}});
  log_->write(step_, *groups, options_.logged_samples);
  return line;
}

Json GrpoRun::learn_from(const std::vector<RolloutGroup>& groups) {
  const LearnRules rules = learn_of(options_);
  EffectiveCount count = count_effective(groups, rules);
  const std::vector<KeptSample> kept = draw_kept(groups, count.decided - count.fresh);
  count.drawn = static_cast<int64_t>(kept.size());
  LearnSet set = make_learn_set(groups, kept, rules);
  const double factor = schedule_factor(schedule_, step_);
  const LearnFigures figures = learn(set);
  keep_effective(groups);
  learner_->average(step_);
  ++step_;
  Json line = {{"effective_share", count.share()},
               {"effective_share_with_buffer", count.share_with_buffer()},
               {"buffer_samples", buffer_.size()}};
  line.update(learn_figures(figures, options_.beta > 0));
  line["learning_rate"] = factor * options_.learning_rate;
  return line;
}

void GrpoRun::evaluate(Json& line) {
  std::optional<Json> found;
  learner_->with_averages([&] {
    sampler_->refresh();
    found = greedy_accuracy(sampler_->network(), renderer_, *eval_data_, engine_of(options_, *sampler_),
                            options_.max_completion_length, stop_);
  });
  sampler_->refresh();
  if (found) line.update(*found);
}

void GrpoRun::save() {
  const Json position = {{"step", step_}, {"questions", order_.position()}};
  meter_->say(save_checkpoint(*learner_, *model_, options_, step_, position, [this](const fs::path& folder) {
    buffer_.save(folder / "training_state" / kBufferFile);
  }));
  saved_ = step_;
}

void GrpoRun::restore() {
  const auto folder = checkpoint_to_resume(options_.out);
  if (!folder) return;
  const Json position = learner_->restore(*folder);
  step_ = json_int(position, "step", folder->string());
  order_.restore(json_at(position, "questions", folder->string()));
  if (options_.sample_buffer != "on") return;
  const fs::path kept = *folder / "training_state" / kBufferFile;
  buffer_.load(kept);
  for (const BufferedSample& sample : buffer_.samples()) {
    if (sample.question < 0 || sample.question >= data_.size()) {
      throw InputError(cat(kept.string(), ": an answer to question ", sample.question, " of ", data_.size(),
                           "; resume with the same --data"));
    }
  }
}

int GrpoRun::run() {
  meter_ = std::make_unique<Meter>(options_.out, step_, schedule_.total_steps);
  log_ = std::make_unique<RolloutLog>(options_.out, step_);
  say_what_learns();
  const auto due = [this](int64_t every) { return every > 0 && step_ % every == 0; };
  if (step_ >= schedule_.total_steps)
    meter_->say(cat("step ", step_, " of ", schedule_.total_steps, " is done already"));
  saved_ = step_;
  while (step_ < schedule_.total_steps && !stop_) {
    std::optional<Json> line = step();
    if (!line) break;
    const bool last = step_ == schedule_.total_steps;
    if (eval_data_ && !stop_ && (due(options_.eval_steps) || last)) evaluate(*line);
    meter_->write(*line);
    if (due(options_.save_steps) || last || stop_) save();
  }
  if (stop_ && saved_ != step_) save();
  if (data_.num_bad() + data_.num_too_long() > 0) {
    meter_->say(cat("left out of --data: ", data_.num_bad(), " bad lines, ", data_.num_too_long(),
                    " prompts longer than --max-length ", options_.max_length));
  }
  if (idle_ > 0) {
    meter_->say(cat(idle_, " of ", learnt_,
                    " answers taught nothing: no part that learns has a say in them; text needs a --freeze without "
                    "language"));
  }
  return stop_ ? 130 : 0;
}

int GrpoRun::keep_mixed() {
  const auto counts = keep_mixed_questions(sampler_->network(), renderer_, data_, sampling_of(options_, options_.seed),
                                           engine_of(options_, *sampler_), options_.keep_mixed, stop_);
  if (!counts) return 130;
  log_info(cat(counts->text(), "; left out ", data_.num_bad(), " bad lines and ", data_.num_too_long(),
               " prompts longer than --max-length ", options_.max_length));
  return 0;
}

}  // namespace

int train_grpo(const GrpoOptions& given, const std::atomic<bool>& stop) {
  GrpoOptions options = given;
  if (!options.keep_mixed.empty() && options.out.empty()) options.out = ".";  // nothing is written there
  check_grpo_options(options);
  if (options.threads > 0) at::set_num_threads(static_cast<int>(options.threads));
  if (!options.keep_mixed.empty()) return GrpoRun(options, stop).keep_mixed();
  start_run_folder(options);
  GrpoRun run(options, stop);  // a resumed run that is refused keeps the options that it was made with
  write_file_atomic(options.out / "options.toml", options_toml(options));
  return run.run();
}

}  // namespace r1v

// The loop of `r1v train tower`, in the open.
#include "recipes/tower.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <memory>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/options.h"
#include "base/rng.h"
#include "media/model_tiling.h"
#include "models/init.h"
#include "models/registry.h"
#include "recipes/patch_head.h"
#include "recipes/tower_data.h"
#include "recipes/training_run.h"
#include "tensor/dtype.h"
#include "train/meter.h"
#include "train/schedule.h"
#include "train/state.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

// The parts that learn: the tower under its checkpoint names, and the head that reads it.
struct Trainee final : Module {
  PatchHead head;
  Trainee(InternVit& tower, int64_t width, const PatchClasses& classes, uint64_t seed) : head(width, classes, seed) {
    child("vision_model", tower);
    child("patch_head", head);
  }
};

std::unique_ptr<R1vModel> open_model(const TowerOptions& options) {
  auto model = options.initialize
                   ? new_model(read_model_config(options.model), static_cast<uint64_t>(*options.initialize))
                   : load_model(options.model, {});
  if (model->vision() == nullptr) {
    throw InputError(cat(options.model.string(), ": found ", model->config().architecture,
                         ", expected a model with an InternViT tower, which cuts pictures into tiles"));
  }
  return model;
}

// Pictures of step `step`: a fresh shuffle of all pictures every epoch.
std::vector<size_t> batch_indices(size_t size, int64_t batch_size, int64_t step, uint64_t seed) {
  std::vector<size_t> indices, order(size);
  uint64_t shuffled_epoch = UINT64_MAX;
  for (int64_t i = step * batch_size; i < (step + 1) * batch_size; ++i) {
    const uint64_t epoch = static_cast<uint64_t>(i) / size;
    if (epoch != shuffled_epoch) {
      for (size_t k = 0; k < size; ++k) order[k] = k;
      Rng rng(mix_seed(seed, epoch));
      rng.shuffle(order);
      shuffled_epoch = epoch;
    }
    indices.push_back(order[static_cast<size_t>(i) % size]);
  }
  return indices;
}

void add_accuracies(Json& line, const std::string& prefix, const PatchScore& score) {
  PatchScore chars;  // both halves of a patch ask for characters
  for (const auto question : {PatchQuestion::left_char, PatchQuestion::right_char}) {
    chars.asked[0] += score.asked[static_cast<size_t>(question)];
    chars.right[0] += score.right[static_cast<size_t>(question)];
  }
  line[prefix + "chars"] = chars.accuracy(PatchQuestion::left_char);
  line[prefix + "kinds"] = score.accuracy(PatchQuestion::kind);
  line[prefix + "colors"] = score.accuracy(PatchQuestion::color);
  line[prefix + "values"] = score.accuracy(PatchQuestion::value);
  line[prefix + "centers"] = score.accuracy(PatchQuestion::centers);
}

class TowerRun {
 public:
  TowerRun(const TowerOptions& options, const std::atomic<bool>& stop);
  int run();

 private:
  at::Tensor logits(const TowerBatch& batch) const;
  void step();
  void evaluate();
  void save();
  void restore();

  const TowerOptions& options_;
  const std::atomic<bool>& stop_;
  std::unique_ptr<R1vModel> model_;
  PatchClasses classes_;
  std::unique_ptr<Trainee> trainee_;
  std::unique_ptr<Learner> learner_;
  std::unique_ptr<TowerData> data_, eval_data_;
  std::unique_ptr<Meter> meter_;
  Schedule schedule_;
  at::ScalarType dtype_;
  int64_t step_ = 0;
};

TowerRun::TowerRun(const TowerOptions& options, const std::atomic<bool>& stop)
    : options_(options), stop_(stop), model_(open_model(options)), dtype_(compute_dtype(options.dtype)) {
  const VisionConfig& vision = *model_->config().vision;
  const TileLimits limits = read_model_tiling(options.model).limits;
  data_ = std::make_unique<TowerData>(options.data, limits, vision.patch_size);
  if (!options.eval_data.empty())
    eval_data_ = std::make_unique<TowerData>(options.eval_data, limits, vision.patch_size);
  trainee_ = std::make_unique<Trainee>(*model_->vision(), vision.hidden_size, classes_, options.seed);
  const std::vector<TrainedParameter> parameters = make_trainable(*trainee_, {}, dtype_);
  learner_ = std::make_unique<Learner>(
      parameters,
      parameter_groups(parameters, {.learning_rate = options.learning_rate, .weight_decay = options.weight_decay}),
      AdamWOptions{.beta2 = options.adam_beta2}, options.weight_average);
  schedule_ = {.kind = parse_schedule(options.lr_scheduler),
               .warmup_steps = warmup_steps(0, options.warmup_ratio, options.max_steps),
               .total_steps = options.max_steps};
  if (options.resume) restore();
  meter_ = std::make_unique<Meter>(options.out, step_, options.max_steps);
  meter_->say(
      cat(data_->size(), " pictures, ", dtype_name(dtype_), " arithmetic, ", at::get_num_threads(), " threads"));
}

at::Tensor TowerRun::logits(const TowerBatch& batch) const {
  const at::Tensor features_NPW = model_->vision_features(batch.pixels_NCHW.to(dtype_), {});
  return trainee_->head.forward(features_NPW.flatten(0, 1));
}

void TowerRun::step() {
  const double start_s = monotonic_s();
  const TowerBatch batch =
      data_->load(batch_indices(data_->size(), options_.batch_size, step_, options_.seed), classes_);
  const at::Tensor logits_RK = logits(batch);
  const LossSum loss = patch_loss(logits_RK, batch.labels_RQ, classes_, options_.empty_weight);
  loss.sum.backward();
  learner_->collect();
  const double factor = schedule_factor(schedule_, step_);
  const double norm = learner_->update(factor, options_.max_grad_norm, cat("step ", step_ + 1));
  learner_->average(step_);
  ++step_;

  Json line = {{"step", step_},
               {"loss", loss.sum.item<double>()},
               {"learning_rate", factor * options_.learning_rate},
               {"grad_norm", norm}};
  add_accuracies(line, "", patch_score(logits_RK.detach(), batch.labels_RQ, classes_));
  line["tiles"] = batch.pixels_NCHW.size(0);
  line["tiles_per_s"] = static_cast<double>(batch.pixels_NCHW.size(0)) / (monotonic_s() - start_s);
  meter_->write(line);
}

void TowerRun::evaluate() {
  const c10::NoGradGuard no_gradients;
  PatchScore score;
  std::vector<size_t> indices;
  const size_t limit = std::min<size_t>(eval_data_->size(), 1024);
  learner_->with_averages([&] {
    for (size_t i = 0; i < limit; ++i) {
      indices.push_back(i);
      if (indices.size() < 64 && i + 1 < limit) continue;
      const TowerBatch batch = eval_data_->load(indices, classes_);
      score.add(patch_score(logits(batch), batch.labels_RQ, classes_));
      indices.clear();
    }
  });
  Json line = {{"step", step_}};
  add_accuracies(line, "eval_", score);
  meter_->say("dev set: " + dump_json(line));
  meter_->write(line);
}

void TowerRun::save() {
  const Json position = {{"step", step_},
                         {"lines", data_->digest()},
                         {"chars", classes_.chars.names()},
                         {"kinds", classes_.kinds.names()},
                         {"colors", classes_.colors.names()}};
  learner_->save(options_.out, step_, position,
                 [this](const fs::path& folder) { save_model(*model_, folder, options_.model, at::kFloat); });
  prune_checkpoints(options_.out, options_.keep_checkpoints);
}

void TowerRun::restore() {
  const auto folder = checkpoint_to_resume(options_.out);
  if (!folder) return;
  const Json position = learner_->restore(*folder);
  const std::string where = folder->string();
  const std::string lines = data_->digest();  // a checkpoint from before there was one is accepted
  if (json_string_or(position, "lines", lines, where) != lines) {
    throw InputError(cat(where,
                         ": it was written over other lines than --data holds; resume with the same data, or start "
                         "anew with another --out"));
  }
  step_ = json_int(position, "step", where);
  for (const auto& [key, table] :
       {std::pair("chars", &classes_.chars), {"kinds", &classes_.kinds}, {"colors", &classes_.colors}}) {
    for (const Json& name : json_at(position, key, where)) table->index(name.get<std::string>());
  }
}

int TowerRun::run() {
  while (step_ < options_.max_steps && !stop_) {
    step();
    const bool last = step_ == options_.max_steps;
    const auto due = [&](int64_t every) { return last || (every > 0 && step_ % every == 0); };
    if (eval_data_ && !stop_ && due(options_.eval_steps)) evaluate();  // Ctrl-C: save at once
    if (due(options_.save_steps) || stop_) save();
  }
  return stop_ ? 130 : 0;
}

}  // namespace

int train_tower(const TowerOptions& options, const std::atomic<bool>& stop) {
  if (options.out.empty()) throw InputError("train tower: --out is missing: the folder that the run is written to");
  if (options.batch_size < 1 || options.max_steps < 1)
    throw InputError("train tower: --batch-size and --max-steps must be at least 1");
  expect_real("learning-rate", options.learning_rate);
  expect_real("weight-decay", options.weight_decay);
  expect_real("adam-beta2", options.adam_beta2);
  expect_real("max-grad-norm", options.max_grad_norm);
  expect_real("warmup-ratio", options.warmup_ratio);
  expect_real("empty-weight", options.empty_weight);
  expect_real("weight-average", options.weight_average);
  if (!options.resume && latest_checkpoint(options.out)) {
    throw InputError(
        cat(options.out.string(), ": a run is there already; go on with --resume or choose another --out"));
  }
  fs::create_directories(options.out);
  if (options.threads > 0) at::set_num_threads(static_cast<int>(options.threads));
  TowerRun run(options, stop);  // a resumed run that is refused keeps the options that it was made with
  write_file_atomic(options.out / "options.toml", options_toml(options));
  return run.run();
}

}  // namespace r1v

// The loop of supervised training, in the open.
#include "recipes/supervised_run.h"

#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "data/read_sft.h"
#include "recipes/training_run.h"
#include "tensor/dtype.h"
#include "train/loss_sft.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kShownSamples = 3;  // in samples.jsonl

// The text of ids, or null where the network has more rows than the tokenizer has tokens and one of those occurs.
Json text_of(const std::vector<int64_t>& ids, const Tokenizer& tokenizer) {
  if (std::ranges::any_of(ids, [&](int64_t id) { return id >= tokenizer.size(); })) return nullptr;
  return tokenizer.decode(ids);
}

}  // namespace

struct SupervisedRun::Stage {
  Stage(int64_t stage_number, const SupervisedStage& given, const Renderer& renderer,
        const std::vector<TrainedParameter>& parameters, int64_t vocab_size)
      : number(stage_number),
        options(given.options),
        data_option(given.data_option),
        note(given.note),
        data(renderer, lines_of(options, options.data, vocab_size)),
        loader(data, loader_of(options)),
        learner(make_learner(parameters, options)) {
    if (!options.eval_data.empty()) {
      eval_data = std::make_unique<SftData>(renderer, lines_of(options, options.eval_data, vocab_size));
    }
    schedule = schedule_of(options, options.max_steps > 0
                                        ? options.max_steps
                                        : count_steps(loader, options.num_epochs, options.gradient_accumulation));
  }

  int64_t last_step() const { return first_step + schedule.total_steps; }

  const int64_t number;
  const TrainOptions options;
  const std::string data_option;
  const Json note;
  const SftData data;
  Loader loader;
  const std::unique_ptr<Learner> learner;
  std::unique_ptr<SftData> eval_data;
  Schedule schedule;
  int64_t first_step = 0;    // that came before the stage
  int64_t idle_samples = 0;  // that moved nothing
};

SupervisedRun::SupervisedRun(const TrainOptions& options, const std::atomic<bool>& stop)
    : options_(options),
      stop_(stop),
      renderer_(options.model),
      model_(open_network(options)),
      dtype_(compute_dtype(options.dtype)) {
  parameters_ = trained_parameters(*model_, options, dtype_);
  if (!options.resume) return;
  resumed_ = checkpoint_to_resume(options.out);
  if (!resumed_) return;
  const fs::path state = *resumed_ / "training_state/state.json";
  resumed_stage_ = json_int_or(read_json_file(state), "stage", 0, state.string());
}

SupervisedRun::~SupervisedRun() = default;

void SupervisedRun::say(const std::string& message) { meter_ ? meter_->say(message) : log_info(message); }

/// returns false for a stage that was done before the run was resumed.
bool SupervisedRun::begin(int64_t number, const SupervisedStage& given) {
  if (resumed_ && number < resumed_stage_) return false;
  if (resumed_ && number > resumed_stage_) {
    throw InputError(cat(resumed_->string(), ": was saved in stage ", resumed_stage_ + 1,
                         ", which this run does not have; resume with the data and options that it was started with"));
  }
  if (stage_) stage_->learner->become_averages();  // they are the model that the stage before has left
  stage_.reset();
  stage_ = std::make_unique<Stage>(number, given, renderer_, parameters_, model_->config().language.vocab_size);
  stage_->first_step = step_;
  if (resumed_)
    restore();
  else
    show_samples();
  if (!meter_) meter_ = std::make_unique<Meter>(options_.out, step_, stage_->last_step());
  meter_->expect(stage_->last_step());
  meter_->say(cat(stage_->data.size(), " samples, ", stage_->schedule.total_steps, " steps, ", stage_->learner->size(),
                  " parameters learn, ", dtype_name(dtype_), " arithmetic, ", at::get_num_threads(), " threads"));
  return true;
}

at::Tensor SupervisedRun::hidden(const PackedBatch& batch) const {
  const at::Tensor image_ND =
      batch.pixels.defined() ? model_->encode_pictures(batch.pixels.to(dtype_), batch.grids) : at::Tensor();
  const at::Tensor embeds_TD = model_->embed(batch.input_ids_T, image_ND, renderer_.image_token_id());
  TokenPlan plan = model_->packed(batch.input_ids_T, batch.lengths, batch.grids);
  plan.recompute = options_.gradient_checkpointing;
  return model_->hidden(embeds_TD, plan);
}

/// Gradients of the mean over `targets`; the loss itself as a sum.
double SupervisedRun::add_gradients(const std::vector<PackedBatch>& batches, int64_t targets) {
  double loss_nats = 0;
  for (const PackedBatch& batch : batches) {
    const LossSum loss = sft_loss(hidden(batch), model_->head_weight_VD(), batch.targets_T);
    loss_nats += loss.sum.item<double>();
    if (!loss.sum.requires_grad()) {  // only the projector or the tower learns, and the batch has no pictures
      stage_->idle_samples += batch.num_samples();
      continue;
    }
    (loss.sum / static_cast<double>(targets)).backward();
    stage_->learner->collect();
  }
  return loss_nats;
}

Json SupervisedRun::train_step() {
  const TrainOptions& options = stage_->options;
  const double start_s = monotonic_s();
  const std::vector<PackedBatch> batches =
      next_batches(stage_->loader, options.gradient_accumulation, stage_->data_option);
  const double wait_s = monotonic_s() - start_s;
  int64_t targets = 0, tokens = 0, samples = 0;
  for (const PackedBatch& batch : batches) {
    targets += batch.num_targets;
    tokens += batch.num_tokens();
    samples += batch.num_samples();
  }
  const double loss_nats = add_gradients(batches, targets);
  const double loss = loss_nats / static_cast<double>(targets);
  const int64_t step_of_stage = step_ - stage_->first_step;
  const double factor = schedule_factor(stage_->schedule, step_of_stage);
  const double norm = stage_->learner->update(factor, options.max_grad_norm, cat("step ", step_ + 1, ", loss ", loss));
  stage_->learner->average(step_of_stage);
  ++step_;
  const double seconds = monotonic_s() - start_s;
  Json line = {{"step", step_},
               {"loss", loss},
               {"learning_rate", factor * options.learning_rate},
               {"grad_norm", norm},
               {"epoch", stage_->loader.epoch()},
               {"samples", samples},
               {"tokens", tokens},
               {"scored_tokens", targets},
               {"tokens_per_s", static_cast<double>(tokens) / seconds},
               {"wait_s", wait_s}};
  line.update(stage_->note);
  return line;
}

void SupervisedRun::evaluate(Json& line) {
  const at::NoGradGuard no_gradients;
  Loader loader(*stage_->eval_data, measuring_loader_of(stage_->options));
  SftScore total;
  stage_->learner->with_averages([&] {
    while (const auto batch = loader.next()) {
      const SftScore score = sft_score(hidden(*batch), model_->head_weight_VD(), batch->targets_T);
      total.loss_nats += score.loss_nats;
      total.correct += score.correct;
      total.count += score.count;
    }
  });
  if (total.count == 0) throw InputError("--eval-data: no usable sample; every line was left out");
  line["eval_loss"] = total.loss_nats / total.count;
  line["eval_token_accuracy"] = total.correct / total.count;
}

void SupervisedRun::save() {
  Json position = {{"step", step_}, {"loader", stage_->loader.position()}};
  if (stage_->number > 0) position.update({{"stage", stage_->number}, {"first_step", stage_->first_step}});
  meter_->say(save_checkpoint(*stage_->learner, *model_, options_, step_, position));
  saved_ = step_;
}

void SupervisedRun::restore() {
  const std::string where = resumed_->string();
  const Json position = stage_->learner->restore(*resumed_);
  step_ = json_int(position, "step", where);
  stage_->first_step = json_int_or(position, "first_step", 0, where);
  stage_->loader.restore(json_at(position, "loader", where));
  resumed_.reset();
}

// What the model will see, for the eye: the text of the first samples and the part of it that is scored.
void SupervisedRun::show_samples() const {
  std::string lines;
  for (int64_t i = 0; i < std::min(kShownSamples, stage_->data.size()); ++i) {
    const auto sample = stage_->data.sample(i);
    if (!sample) continue;
    std::vector<int64_t> scored;
    std::ranges::copy_if(sample->labels, std::back_inserter(scored), [](int64_t label) { return label >= 0; });
    lines += dump_json({{"sample", i},
                        {"tokens", sample->input_ids.size()},
                        {"pictures", sample->grids.size()},
                        {"text", text_of(sample->input_ids, renderer_.tokenizer())},
                        {"scored", text_of(scored, renderer_.tokenizer())}}) +
             "\n";
  }
  const std::string name = stage_->number == 0 ? "samples.jsonl" : cat("samples-", stage_->number, ".jsonl");
  write_file_atomic(options_.out / name, lines);
}

void SupervisedRun::say_what_was_left_out() {
  const SftData& data = stage_->data;
  if (data.num_bad() > 0) meter_->say(cat("left out ", data.num_bad(), " bad lines"));
  if (data.num_too_long() > 0) {
    meter_->say(
        cat("left out ", data.num_too_long(), " samples longer than --max-length ", stage_->options.max_length));
  }
  if (stage_->idle_samples > 0) {
    meter_->say(
        cat(stage_->idle_samples, " samples in batches without pictures taught nothing; the language model is frozen"));
  }
  const SftData* eval = stage_->eval_data.get();
  if (eval != nullptr && eval->num_bad() + eval->num_too_long() > 0) {
    meter_->say(cat("left out of --eval-data: ", eval->num_bad(), " bad lines, ", eval->num_too_long(),
                    " samples longer than --max-length"));
  }
}

bool SupervisedRun::train(int64_t number, const SupervisedStage& given) {
  if (!begin(number, given)) return true;
  const TrainOptions& options = stage_->options;
  const auto due = [this](int64_t every) { return every > 0 && step_ % every == 0; };
  if (step_ >= stage_->last_step() && stage_->note.empty()) {
    meter_->say(cat("step ", step_, " of ", stage_->last_step(), " is done; --max-steps or --num-epochs go further"));
  }
  saved_ = step_;
  while (step_ < stage_->last_step() && !stop_) {
    Json line = train_step();
    const bool last = step_ == stage_->last_step();
    // Ctrl-C: save at once
    if (stage_->eval_data && !stop_ && (due(options.eval_steps) || last)) evaluate(line);
    meter_->write(line);
    if (due(options.save_steps) || last || stop_) save();
  }
  if (stop_ && saved_ != step_) save();  // Ctrl-C behind the step's own check
  say_what_was_left_out();
  return !stop_;
}

}  // namespace r1v

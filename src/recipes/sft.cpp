// The loop of `r1v train sft`, in the open.
#include "recipes/sft.h"

#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <fstream>
#include <memory>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/options.h"
#include "data/read_sft.h"
#include "models/init.h"
#include "models/registry.h"
#include "tensor/dtype.h"
#include "train/average.h"
#include "train/gradients.h"
#include "train/loss_sft.h"
#include "train/meter.h"
#include "train/state.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kShownSamples = 3;  // in samples.jsonl

std::unique_ptr<R1vModel> open_model(const SftOptions& options) {
  if (!options.initialize) return load_model(options.model);
  return new_model(read_model_config(options.model), static_cast<uint64_t>(*options.initialize));
}

// The text of ids, or null where the network has more rows than the tokenizer has tokens and one of those occurs.
Json text_of(const std::vector<int64_t>& ids, const Tokenizer& tokenizer) {
  if (std::ranges::any_of(ids, [&](int64_t id) { return id >= tokenizer.size(); })) return nullptr;
  return tokenizer.decode(ids);
}

class SftRun {
 public:
  SftRun(const SftOptions& options, const std::atomic<bool>& stop);
  int run();

 private:
  at::Tensor hidden(const PackedBatch& batch) const;
  Json step();
  void evaluate(Json& line);
  void save();
  void restore();
  void show_samples() const;
  std::vector<std::pair<std::string, at::Tensor>> averages() const {
    return average_ ? average_->state() : std::vector<std::pair<std::string, at::Tensor>>();
  }

  const SftOptions& options_;
  const std::atomic<bool>& stop_;
  const Renderer renderer_;
  const std::unique_ptr<R1vModel> model_;
  const SftData data_;
  Loader loader_;
  std::unique_ptr<SftData> eval_data_;
  std::vector<TrainedParameter> parameters_;
  std::unique_ptr<AdamW> optimizer_;
  std::unique_ptr<WeightAverage> average_;
  std::unique_ptr<Meter> meter_;
  Schedule schedule_;
  at::ScalarType dtype_;
  int64_t step_ = 0;
};

SftRun::SftRun(const SftOptions& options, const std::atomic<bool>& stop)
    : options_(options),
      stop_(stop),
      renderer_(options.model),
      model_(open_model(options)),
      data_(renderer_, lines_of(options, options.data, model_->config().language.vocab_size)),
      loader_(data_, loader_of(options)),
      dtype_(compute_dtype(options.dtype)) {
  if (!options.eval_data.empty()) {
    eval_data_ = std::make_unique<SftData>(renderer_,
                                           lines_of(options, options.eval_data, model_->config().language.vocab_size));
  }
  parameters_ = make_trainable(*model_, parse_parts(options.freeze), dtype_, OutputHead::used, options.freeze_layers);
  optimizer_ = std::make_unique<AdamW>(groups_of(parameters_, options), adamw_of(options));
  if (options.weight_average > 0) average_ = std::make_unique<WeightAverage>(parameters_, options.weight_average);
  schedule_ = schedule_of(options, options.max_steps > 0
                                       ? options.max_steps
                                       : count_steps(loader_, options.num_epochs, options.gradient_accumulation));
  if (options.resume)
    restore();
  else
    show_samples();
  meter_ = std::make_unique<Meter>(options.out, step_, schedule_.total_steps);
  int64_t numbers = 0;
  for (const TrainedParameter& parameter : parameters_) numbers += parameter.master.numel();
  meter_->say(cat(data_.size(), " samples, ", schedule_.total_steps, " steps, ", numbers, " parameters learn, ",
                  dtype_name(dtype_), " arithmetic, ", at::get_num_threads(), " threads"));
}

at::Tensor SftRun::hidden(const PackedBatch& batch) const {
  const at::Tensor image_ND =
      batch.pixels.defined() ? model_->encode_pictures(batch.pixels.to(dtype_), batch.grids) : at::Tensor();
  const at::Tensor embeds_TD = model_->embed(batch.input_ids_T, image_ND, renderer_.image_token_id());
  TokenPlan plan = model_->packed(batch.input_ids_T, batch.lengths, batch.grids);
  plan.recompute = options_.gradient_checkpointing;
  return model_->hidden(embeds_TD, plan);
}

Json SftRun::step() {
  const double start_s = monotonic_s();
  const std::vector<PackedBatch> batches = next_batches(loader_, options_.gradient_accumulation, "--data");
  const double wait_s = monotonic_s() - start_s;
  int64_t targets = 0, tokens = 0, samples = 0;
  for (const PackedBatch& batch : batches) {
    targets += batch.num_targets;
    tokens += batch.num_tokens();
    samples += batch.num_samples();
  }
  double loss_nats = 0;
  for (const PackedBatch& batch : batches) {
    const LossSum loss = sft_loss(hidden(batch), model_->head_weight_VD(), batch.targets_T);
    (loss.sum / static_cast<double>(targets)).backward();
    collect_gradients(parameters_);
    loss_nats += loss.sum.item<double>();
  }
  const double norm = clip_gradients(masters(parameters_), options_.max_grad_norm);
  if (!std::isfinite(norm)) {
    throw InputError(cat("step ", step_ + 1, ": the gradient is not finite (loss ", loss_nats / targets,
                         "); resume from the last checkpoint with a lower --learning-rate"));
  }
  const double factor = schedule_factor(schedule_, step_);
  optimizer_->step(factor);
  drop_gradients(masters(parameters_));
  refresh_copies(parameters_);
  if (average_) average_->update(step_);
  ++step_;
  const double seconds = monotonic_s() - start_s;
  return {{"step", step_},
          {"loss", loss_nats / static_cast<double>(targets)},
          {"learning_rate", factor * options_.learning_rate},
          {"grad_norm", norm},
          {"epoch", loader_.epoch()},
          {"samples", samples},
          {"tokens", tokens},
          {"scored_tokens", targets},
          {"tokens_per_s", static_cast<double>(tokens) / seconds},
          {"wait_s", wait_s}};
}

void SftRun::evaluate(Json& line) {
  const at::NoGradGuard no_gradients;
  if (average_) average_->swap();
  LoaderOptions options = loader_of(options_);
  options.order = Order::as_written;
  options.packing = Packing::off;
  Loader loader(*eval_data_, options);
  SftScore total;
  while (const auto batch = loader.next()) {
    const SftScore score = sft_score(hidden(*batch), model_->head_weight_VD(), batch->targets_T);
    total.loss_nats += score.loss_nats;
    total.correct += score.correct;
    total.count += score.count;
  }
  if (average_) average_->swap();
  if (total.count == 0) throw InputError("--eval-data: no usable sample; every line was left out");
  line["eval_loss"] = total.loss_nats / total.count;
  line["eval_token_accuracy"] = total.correct / total.count;
}

void SftRun::save() {
  const at::ScalarType dtype =
      parse_dtype(options_.save_dtype == "auto" ? model_->config().torch_dtype : options_.save_dtype);
  publish_checkpoint(options_.out, step_, [&](const fs::path& folder) {
    if (average_) average_->swap();
    {
      const MastersInPlace exact(parameters_);
      save_model(*model_, folder, options_.model, dtype);
    }
    if (average_) average_->swap();
    const Json position = {{"step", step_}, {"loader", loader_.position()}};
    save_training_state(folder, parameters_, *optimizer_, position, averages());
  });
  prune_checkpoints(options_.out, options_.keep_checkpoints);
  meter_->say(cat("saved ", (options_.out / "checkpoints" / cat("step-", step_)).string()));
}

void SftRun::restore() {
  const auto folder = latest_checkpoint(options_.out);
  if (!folder) {
    log_info(cat(options_.out.string(), " has no checkpoint yet: starting at step 0"));
    return show_samples();
  }
  const Json position = load_training_state(*folder, parameters_, *optimizer_, averages());
  step_ = json_int(position, "step", folder->string());
  loader_.restore(json_at(position, "loader", folder->string()));
}

// What the model will see, for the eye: the text of the first samples and the part of it that is scored.
void SftRun::show_samples() const {
  std::string lines;
  for (int64_t i = 0; i < std::min(kShownSamples, data_.size()); ++i) {
    const auto sample = data_.sample(i);
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
  write_file_atomic(options_.out / "samples.jsonl", lines);
}

int SftRun::run() {
  const auto due = [this](int64_t every) { return every > 0 && step_ % every == 0; };
  if (step_ >= schedule_.total_steps) {
    meter_->say(cat("step ", step_, " of ", schedule_.total_steps, " is done; --max-steps or --num-epochs go further"));
  }
  while (step_ < schedule_.total_steps && !stop_) {
    Json line = step();
    const bool last = step_ == schedule_.total_steps;
    if (eval_data_ && !stop_ && (due(options_.eval_steps) || last)) evaluate(line);  // Ctrl-C: save at once
    meter_->write(line);
    if (due(options_.save_steps) || last || stop_) save();
  }
  if (data_.num_bad() > 0) meter_->say(cat("left out ", data_.num_bad(), " bad lines"));
  if (data_.num_too_long() > 0) {
    meter_->say(cat("left out ", data_.num_too_long(), " samples longer than --max-length ", options_.max_length));
  }
  if (eval_data_ && eval_data_->num_bad() + eval_data_->num_too_long() > 0) {
    meter_->say(cat("left out of --eval-data: ", eval_data_->num_bad(), " bad lines, ", eval_data_->num_too_long(),
                    " samples longer than --max-length"));
  }
  return stop_ ? 130 : 0;
}

}  // namespace

int train_sft(const SftOptions& options, const std::atomic<bool>& stop) {
  check_train_options(options, "train sft");
  start_run_folder(options);
  write_file_atomic(options.out / "options.toml", options_toml(options));
  if (options.threads > 0) at::set_num_threads(static_cast<int>(options.threads));
  return SftRun(options, stop).run();
}

}  // namespace r1v

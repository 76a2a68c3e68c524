// Options that every training method shares, under the names of the Hugging Face Trainer and TRL.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/loader.h"
#include "models/r1v.h"
#include "train/optimizer.h"
#include "train/schedule.h"

namespace r1v {

struct TrainOptions {
  std::filesystem::path model = "models/r1v-mini";
  std::vector<std::filesystem::path> data;
  std::vector<std::filesystem::path> eval_data;
  std::filesystem::path out;
  std::filesystem::path images_root;
  bool skip_bad = false;
  double learning_rate = 1e-4;
  std::optional<double> vision_learning_rate;
  std::optional<double> projector_learning_rate;
  double weight_decay = 0.0;
  std::string no_decay = "norms-and-biases";
  double adam_beta1 = 0.9;
  double adam_beta2 = 0.999;
  double adam_epsilon = 1e-8;
  double max_grad_norm = 1.0;
  std::string lr_scheduler = "cosine";
  double warmup_ratio = 0.0;
  int64_t warmup_steps = 0;
  int64_t max_steps = 0;
  int64_t num_epochs = 1;
  int64_t batch_size = 8;
  int64_t gradient_accumulation = 1;
  int64_t max_length = 2048;
  std::string packing = "off";
  std::string shuffle = "on";
  std::vector<std::string> freeze;
  int64_t freeze_layers = 0;
  int64_t lora_rank = 0;
  double lora_alpha = 0.0;
  bool gradient_checkpointing = false;
  double weight_average = 0.0;
  std::optional<int64_t> initialize;
  int64_t eval_steps = 0;
  int64_t save_steps = 0;
  int64_t keep_checkpoints = 3;
  bool resume = false;
  uint64_t seed = 0;
  std::string dtype = "float32";
  std::string save_dtype = "auto";
  int64_t threads = 0;
  int64_t data_threads = 1;

  void fields(auto& field) {
    field("model", model, "checkpoint folder to start from");
    field("data", data, "files of JSON lines");
    field("eval-data", eval_data, "the same from another split, measured while training");
    field("out", out, "run folder");
    field("images-root", images_root, "folder that picture paths start from and stay in; empty = each file's own");
    field("skip-bad", skip_bad, "leave bad lines out and count them instead of stopping");
    field("learning-rate", learning_rate, "peak learning rate of AdamW");
    field("vision-learning-rate", vision_learning_rate, "the tower's (default: --learning-rate)");
    field("projector-learning-rate", projector_learning_rate, "the projector's (default: --learning-rate)");
    field("weight-decay", weight_decay, "decoupled weight decay");
    field("no-decay", no_decay, "what weight decay leaves alone: norms-and-biases or none");
    field("adam-beta1", adam_beta1, "first moment's decay");
    field("adam-beta2", adam_beta2, "second moment's decay");
    field("adam-epsilon", adam_epsilon, "added to the root of the second moment");
    field("max-grad-norm", max_grad_norm, "gradients are shortened to this global norm; 0 = never");
    field("lr-scheduler", lr_scheduler, "constant, linear or cosine, after the warm-up");
    field("warmup-ratio", warmup_ratio, "share of the steps in which the learning rate rises");
    field("warmup-steps", warmup_steps, "the same in steps; wins when positive");
    field("max-steps", max_steps, "optimizer steps; 0 = as many as --num-epochs has");
    field("num-epochs", num_epochs, "passes over the data when --max-steps is 0");
    field("batch-size", batch_size, "samples (with packing: bins of --max-length tokens) a micro-batch");
    field("gradient-accumulation", gradient_accumulation, "micro-batches a step; every scored token weighs the same");
    field("max-length", max_length, "tokens; longer samples are left out and counted");
    field("packing", packing, "on: fill bins of --max-length tokens, samples stay apart; off: whole samples");
    field("shuffle", shuffle, "on or off: a new order every epoch");
    field("freeze", freeze,
          "parts that do not learn: vision, projector, language, with commas between; none = all learn");
    field("freeze-layers", freeze_layers,
          "so many first layers of the language model, and its embeddings, do not learn");
    field("lora-rank", lora_rank,
          "the language model learns in additions of this rank to its matrices (LoRA), saved merged; 0 = off");
    field("lora-alpha", lora_alpha, "the additions are scaled with this over the rank; 0 = twice the rank");
    field("gradient-checkpointing", gradient_checkpointing, "recompute layers in backward: less memory, more time");
    field("weight-average", weight_average, "decay of a moving average of the weights, saved as the model; 0 = off");
    field("initialize", initialize, "start from random weights drawn from this seed; --model needs no weights");
    field("eval-steps", eval_steps, "steps between measurements on --eval-data; 0 = only at the end");
    field("save-steps", save_steps, "steps between checkpoints; 0 = only at the end");
    field("keep-checkpoints", keep_checkpoints, "newest checkpoints kept; 0 = all");
    field("resume", resume, "go on from the newest checkpoint in --out");
    field("seed", seed, "order of the data");
    field("dtype", dtype, "auto, float32 or bfloat16: arithmetic of the network; weights are kept in float32");
    field("save-dtype", save_dtype, "dtype of saved models: auto (config.json's), float32 or bfloat16");
    field("threads", threads, "processor threads of the network; 0 = all");
    field("data-threads", data_threads, "threads that read and decode ahead; 0 = none");
  }
};

/// throws InputError naming the option: not finite, or below 0.
void expect_real(const std::string& option, double value);

/// Everything that can be refused before files are opened. throws InputError naming the option.
void check_train_options(const TrainOptions& options, const std::string& command);

/// Makes the run folder. throws InputError when a run is there already and --resume was not given.
void start_run_folder(const TrainOptions& options);

/// The parameters that learn: frozen parts become constants, low-rank additions are made where asked for.
std::vector<TrainedParameter> trained_parameters(R1vModel& model, const TrainOptions& options,
                                                 at::ScalarType compute_dtype,
                                                 OutputHead output_head = OutputHead::used);

/// The options as the rooms below want them.
std::vector<ParameterGroup> groups_of(const std::vector<TrainedParameter>& parameters, const TrainOptions& options);
AdamWOptions adamw_of(const TrainOptions& options);
Schedule schedule_of(const TrainOptions& options, int64_t total_steps);
LoaderOptions loader_of(const TrainOptions& options);
/// vocab_size  ids of pretokenised lines must lie below; 0 where lines hold no ids.
LineDataOptions lines_of(const TrainOptions& options, const std::vector<std::filesystem::path>& files,
                         int64_t vocab_size = 0);

/// Optimizer steps of so many passes over the data; an epoch's last step may have fewer micro-batches.
int64_t count_steps(const Loader& loader, int64_t epochs, int64_t gradient_accumulation);
/// The micro-batches of one step. throws InputError naming `option` when a whole epoch holds no usable sample.
std::vector<PackedBatch> next_batches(Loader& loader, int64_t gradient_accumulation, const std::string& option);

}  // namespace r1v

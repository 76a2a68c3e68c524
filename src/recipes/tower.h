// Training of the vision tower alone: every patch learns to say what the scene has there.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace r1v {

struct TowerOptions {
  std::filesystem::path model = "models/r1v-mini";
  std::vector<std::filesystem::path> data;
  std::vector<std::filesystem::path> eval_data;
  std::filesystem::path out;
  double learning_rate = 1e-3;
  double weight_decay = 0.05;
  double adam_beta2 = 0.98;
  double max_grad_norm = 1.0;
  std::string lr_scheduler = "cosine";
  double warmup_ratio = 0.02;
  int64_t max_steps = 1000;
  int64_t batch_size = 64;
  double empty_weight = 0.1;
  double weight_average = 0.999;
  int64_t eval_steps = 250;
  int64_t save_steps = 500;
  int64_t keep_checkpoints = 2;
  std::optional<int64_t> initialize;
  bool resume = false;
  uint64_t seed = 0;
  std::string dtype = "auto";
  int64_t threads = 0;

  void fields(auto& field) {
    field("model", model, "checkpoint folder whose tower is trained; only its configuration with --initialize");
    field("data", data, "files of `r1v gym make --format sft --with-scene`");
    field("eval-data", eval_data, "the same from the dev split, for the score while training");
    field("out", out, "run folder");
    field("learning-rate", learning_rate, "peak learning rate of AdamW");
    field("weight-decay", weight_decay, "decoupled; norms and biases are left out");
    field("adam-beta2", adam_beta2, "second moment's decay");
    field("max-grad-norm", max_grad_norm, "gradients are shortened to this length; 0 = never");
    field("lr-scheduler", lr_scheduler, "constant, linear or cosine");
    field("warmup-ratio", warmup_ratio, "share of the steps in which the learning rate rises");
    field("max-steps", max_steps, "optimizer steps");
    field("batch-size", batch_size, "pictures a step");
    field("empty-weight", empty_weight, "weight of patches that show nothing, in the loss");
    field("weight-average", weight_average,
          "decay of the moving average of weights that is saved; 0 = save the last weights");
    field("eval-steps", eval_steps, "steps between scores on --eval-data; 0 = only at the end");
    field("save-steps", save_steps, "steps between checkpoints; 0 = only at the end");
    field("keep-checkpoints", keep_checkpoints, "newest checkpoints kept; 0 = all");
    field("initialize", initialize, "start from random weights drawn from this seed");
    field("resume", resume, "go on from the newest checkpoint in --out");
    field("seed", seed, "order of the data");
    field("dtype", dtype, "auto, float32 or bfloat16: arithmetic of the network; weights are kept in float32");
    field("threads", threads, "processor threads; 0 = all");
  }
};

/// Runs to the end or until `stop` turns true (Ctrl-C). Returns the exit status: 0 done, 130 stopped.
/// throws InputError for anything wrong with options, model or data.
int train_tower(const TowerOptions& options, const std::atomic<bool>& stop);

}  // namespace r1v

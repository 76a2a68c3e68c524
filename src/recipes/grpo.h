// Group relative policy optimization: the policy answers questions, and what answered better than its siblings becomes
// likelier.
#pragma once

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>

#include "recipes/train_options.h"

namespace r1v {

/// The help of those shared options that mean something of their own here; else `shared`.
std::string grpo_help(const std::string& name, const std::string& shared);

/// A step samples batch_size * gradient_accumulation * steps_per_generation questions, num_generations answers each,
/// and makes steps_per_generation * num_iterations optimizer steps of them.
struct GrpoOptions : TrainOptions {
  GrpoOptions() {
    learning_rate = 1e-6;
    lr_scheduler = "linear";
    batch_size = 4;
    gradient_accumulation = 2;
  }
  std::string preset = "trl";
  // sampling
  int64_t num_generations = 8;
  int64_t max_completion_length = 512;
  double temperature = 1.0, top_p = 1.0, min_p = 0.0;
  int64_t top_k = 0;
  bool no_thinking = false;
  int64_t kv_memory = 1024;
  int64_t max_batch = 128;
  // reward
  std::string reward_weights = "1,1";
  std::filesystem::path reward_model;
  std::string reward_scale = "sigmoid";
  double reward_scale_width = 5.0;
  int64_t overlong_buffer = 0;
  double overlong_factor = 1.0;
  std::string mask_truncated_completions = "off";
  // advantage
  std::string scale_rewards = "group";
  double advantage_epsilon = 1e-4;
  // loss
  std::string loss_type = "dapo";
  double epsilon = 0.2;
  std::optional<double> epsilon_high;
  double delta = 0.0, dual_clip = 0.0, log_ratio_limit = 0.0;
  std::string importance_sampling_level = "token";
  double beta = 0.0;
  std::string kl_estimator = "k3", kl_bias_correction = "on";
  double kl_input_limit = 0.0, kl_output_limit = 0.0;
  int64_t num_iterations = 1, steps_per_generation = 1, pass_tokens = 4096;
  std::string skip_flat = "on";
  // sample buffer
  std::string sample_buffer = "off";
  int64_t buffer_capacity = 0, buffer_max_age = 2;
  double buffer_alpha = 1.0;
  // beside training
  std::filesystem::path keep_mixed;
  int64_t logged_samples = 4;

  void fields(auto& field) {
    auto worded = [&field](const std::string& name, auto& value, const std::string& help) {
      field(name, value, grpo_help(name, help));
    };
    TrainOptions::fields(worded);
    field("preset", preset,
          "defaults for everything below, and for some of the above: trl (TRL 1.16), verl, r1v1, r1v2, r1v3 (the "
          "papers; gaps filled as docs/grpo.md says); options given beside it win, --freeze none among them");
    field("num-generations", num_generations, "answers sampled for a question; r1v3 32, verl 5, else 8");
    field("max-completion-length", max_completion_length, "most tokens of an answer; r1v1 and r1v2 8192, r1v3 4096");
    field("temperature", temperature, "of sampling; the distribution that is trained is the tempered one");
    field("top-p", top_p, "keep the likeliest tokens that sum to this probability; 1 = off");
    field("top-k", top_k, "keep the k likeliest tokens; 0 = off");
    field("min-p", min_p, "keep tokens at least this many times as likely as the likeliest; 0 = off");
    field("no-thinking", no_thinking, "answer at once");
    field("kv-memory", kv_memory, "MiB for keys and values while sampling");
    field("max-batch", max_batch, "answers that are sampled together");
    field("reward-weights", reward_weights,
          "of accuracy, format and, third, the reward model; r1v2 1,1,1, r1v3 0.8,0.2, else 1,1");
    field("reward-model", reward_model, "folder of a reward model that scores the answers, too");
    field("reward-scale", reward_scale, "of its scores: raw, clip (to -1 and 1 after dividing) or sigmoid");
    field("reward-scale-width", reward_scale_width, "scores are divided by this");
    field("overlong-buffer", overlong_buffer,
          "tokens before --max-completion-length in which a punishment grows (DAPO); 0 = none");
    field("overlong-factor", overlong_factor, "what the punishment grows to");
    field("mask-truncated-completions", mask_truncated_completions, "on: answers that were cut are not learnt from");
    field("scale-rewards", scale_rewards,
          "what differences of rewards are divided by: group or batch (their standard deviation) or none (Dr.GRPO)");
    field("advantage-epsilon", advantage_epsilon, "added to the standard deviation; verl and r1v3 1e-6, else 1e-4");
    field("loss-type", loss_type,
          "how tokens are weighed: dapo (all alike), grpo (the mean of each answer; r1v1, r1v2) or dr_grpo (by the "
          "longest length)");
    field("epsilon", epsilon, "ratios are clipped at 1 - epsilon");
    field("epsilon-high", epsilon_high, "and at 1 + epsilon-high (default: --epsilon)");
    field("delta", delta, "TRL's two-sided clip: ratios are at most this before anything else; 0 = off");
    field("dual-clip", dual_clip, "verl's c: the loss of a bad answer is at most c times its advantage; verl, r1v3 3");
    field("log-ratio-limit", log_ratio_limit, "logarithms of ratios are held within this; verl and r1v3 20; 0 = off");
    field("importance-sampling-level", importance_sampling_level,
          "ratios of single tokens (token) or the geometric mean of the answer's (sequence: GSPO)");
    field("beta", beta, "weight of the KL term to the first policy, which is kept when positive; r1v1 0.04");
    field("kl-estimator", kl_estimator, "k1, k2 or k3");
    field("kl-bias-correction", kl_bias_correction, "on: the KL term is multiplied by the ratio (TRL 1.16); trl only");
    field("kl-input-limit", kl_input_limit, "log-probability differences are held within this; verl 20; 0 = off");
    field("kl-output-limit", kl_output_limit, "and the estimate within this; verl 10; 0 = off");
    field("num-iterations", num_iterations, "times that a rollout is learnt from");
    field("steps-per-generation", steps_per_generation, "mini-batches (optimizer steps) that a rollout is cut into");
    field("pass-tokens", pass_tokens,
          "most tokens of a pass while learning; --batch-size counts questions; 0 = no limit");
    field("skip-flat", skip_flat,
          "on: answers without an advantage do not go through the network (they change no gradient); off: they do, and "
          "are measured; always off with --beta");
    field("sample-buffer", sample_buffer, "on: the Selective Sample Buffer fills in for flat groups; r1v2 on");
    field("buffer-capacity", buffer_capacity, "answers that it keeps; 0 = as many as a step samples");
    field("buffer-alpha", buffer_alpha, "answers are drawn by |advantage|^alpha");
    field("buffer-max-age", buffer_max_age, "steps after which an answer is forgotten");
    field("keep-mixed", keep_mixed,
          "a file: nothing is trained; every question is sampled once and those with right and wrong answers are "
          "written there");
    field("logged-samples", logged_samples, "answers of each step that go to samples.jsonl");
  }
};

/// The options of a preset before anything else is given. throws InputError for a name that is none.
GrpoOptions grpo_preset(const std::string& name);

/// Runs to the end or until `stop` turns true (Ctrl-C): then the open step is given up, and a checkpoint of the one
/// before is written. Returns the exit status: 0 done, 130 stopped. throws InputError for anything wrong with options,
/// model or data.
int train_grpo(const GrpoOptions& options, const std::atomic<bool>& stop);

}  // namespace r1v

// What "like TRL", "like verl" and "like the papers" mean, number by number.
#include "base/error.h"
#include "recipes/grpo.h"

namespace r1v {
namespace {

/// verl: trainer/config/ppo_trainer.yaml and core_algos.py; its k3 ("low_var_kl") only where --beta is given.
GrpoOptions verl() {
  GrpoOptions options;
  options.num_generations = 5;
  options.lr_scheduler = "constant";
  options.weight_decay = 0.01;
  options.advantage_epsilon = 1e-6;
  options.dual_clip = 3.0;
  options.log_ratio_limit = 20.0;
  options.kl_bias_correction = "off";
  options.kl_input_limit = 20.0;
  options.kl_output_limit = 10.0;
  return options;
}

/// Skywork R1V (arXiv 2504.05599), stage 3: rule rewards, lr 1e-6, temperature 1, 8 answers of up to 8K tokens, the
/// projector alone learns. Not published, filled in with the original GRPO's: KL 0.04 as k3, clip 0.2, mean of each
/// answer, standard deviation + 1e-4.
GrpoOptions r1v1() {
  GrpoOptions options;
  options.freeze = {"vision", "language"};
  options.max_completion_length = 8192;
  options.loss_type = "grpo";
  options.beta = 0.04;
  options.kl_bias_correction = "off";
  return options;
}

/// Skywork R1V2 (arXiv 2504.16656): rules + format + reward model, mean of each answer, sample buffer, the projector
/// alone learns. The printed formula has no KL term. Not published: everything else, and the scale of the model's
/// score.
GrpoOptions r1v2() {
  GrpoOptions options = r1v1();
  options.beta = 0.0;
  options.reward_weights = "1,1,1";
  options.sample_buffer = "on";
  return options;
}

/// Skywork R1V3 (arXiv 2507.06167): verl, 32 questions with 32 answers, one gradient step of them, clip 0.2, no KL,
/// lr 1e-5, all parts learn, 0.8 accuracy + 0.2 format.
GrpoOptions r1v3() {
  GrpoOptions options = verl();
  options.num_generations = 32;
  options.batch_size = 1;
  options.gradient_accumulation = 32;
  options.max_completion_length = 4096;
  options.learning_rate = 1e-5;
  options.reward_weights = "0.8,0.2";
  return options;
}

}  // namespace

GrpoOptions grpo_preset(const std::string& name) {
  GrpoOptions options;
  if (name == "verl") {
    options = verl();
  } else if (name == "r1v1") {
    options = r1v1();
  } else if (name == "r1v2") {
    options = r1v2();
  } else if (name == "r1v3") {
    options = r1v3();
  } else if (name != "trl") {
    throw InputError(cat("--preset: found \"", printable(name), "\", expected trl, verl, r1v1, r1v2 or r1v3"));
  }
  options.preset = name;
  return options;
}

}  // namespace r1v

// Reward model training: the better of two answers learns to score higher.
#pragma once

#include <atomic>

#include "recipes/train_options.h"

namespace r1v {

struct RewardOptions : TrainOptions {
  RewardOptions() {
    learning_rate = 1e-5;  // Skywork-VL-Reward's first stage
    freeze = {"vision"};   // and what it trains: merger, language model, head
  }
  std::vector<std::filesystem::path> second_data;
  double second_learning_rate = 1e-6;
  int64_t second_epochs = 1;
  int64_t second_steps = 0;
  double center_rewards_coefficient = 0.0;
  std::string margin = "on";
  double token_loss_weight = 0.0;
  int64_t expand_layers = 0;
  std::filesystem::path likelihood_model;
  double likelihood_weight = 1.0;
  double own_likelihood = 0.0;
  double sft_weight = 0.0;

  void fields(auto& field) {
    TrainOptions::fields(field);
    field("second-data", second_data,
          "files of the second stage (the paper: picture pairs and text pairs); none = one stage");
    field("second-learning-rate", second_learning_rate, "peak learning rate of the second stage");
    field("second-epochs", second_epochs, "passes over --second-data when --second-steps is 0");
    field("second-steps", second_steps, "optimizer steps of the second stage; 0 = as many as --second-epochs has");
    field("center-rewards-coefficient", center_rewards_coefficient,
          "weight of (chosen + rejected)^2, which keeps scores around 0; 0 = off");
    field("token-loss-weight", token_loss_weight,
          "share of the loss that compares the answers at every token since they differ, not only at the last; 0 = the "
          "paper");
    field("expand-layers", expand_layers,
          "new layers on top of the language model, which add nothing until they learn; with --freeze-layers they "
          "learn alone");
    field("likelihood-model", likelihood_model,
          "a policy with the same tokenizer: the value at every answer token is also drawn towards the log-likelihood "
          "that it gives the answer so far, which teaches a small judge to see what the policy doubted; none = the "
          "paper");
    field("likelihood-weight", likelihood_weight, "weight of that pull");
    field(
        "own-likelihood", own_likelihood,
        "the score is the head's value and so many times the log-likelihood, in nats, that the judge's own language "
        "head gives the answer, which learns with it; kept in value_head.safetensors; 0 = as the model's judge has it "
        "(the paper: none)");
    field("sft-weight", sft_weight,
          "weight of the mean cross-entropy of the better answers' tokens, which keeps the language head's likelihoods "
          "sound; 0 = the paper");
    field("margin", margin, "on: the margins that lines carry are demanded of the scores; off: they are not read");
  }
};

/// Runs to the end or until `stop` turns true (Ctrl-C), then writes a checkpoint. Returns the exit status: 0 done, 130
/// stopped. A model without value_head.safetensors gets a new head, normal(0, 1 / sqrt(width + 1)) from --seed
/// (Stiennon et al., 2020). throws InputError for anything wrong with options, model or data.
int train_reward(const RewardOptions& options, const std::atomic<bool>& stop);

}  // namespace r1v

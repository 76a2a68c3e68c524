// Mixed preference optimization: a policy learns which answer is better, how good each is, and to write the better one.
#pragma once

#include <atomic>

#include "recipes/train_options.h"

namespace r1v {

struct MpoOptions : TrainOptions {
  MpoOptions() {
    learning_rate = 1e-6;  // InternVL2.5's MPO; smaller for larger models (InternVL3: 2e-7)
    weight_decay = 0.05;
    warmup_ratio = 0.03;
    freeze = {"vision,language"};  // R1V2: the projector learns alone
  }
  double beta = 0.1;
  std::string loss_weights = "0.8,0.2,1.0";
  std::string delta = "step";
  std::string sft_mean = "tokens";
  std::filesystem::path reference;

  void fields(auto& field) {
    TrainOptions::fields(field);
    field("beta", beta, "how far the policy may go from the reference: rewards are beta times log-ratios");
    field("loss-weights", loss_weights,
          "of preference (DPO), quality (BCO) and generation (chosen answers' likelihood), with commas between");
    field(
        "delta", delta,
        "the line between good and bad in BCO: step (running mean of the rewards, one update a step; with "
        "--gradient-accumulation rewards are computed twice), micro-batch (one update a micro-batch: TRL before 0.29) "
        "or off (0: TRL since 0.29)");
    field("sft-mean", sft_mean,
          "the chosen answers' likelihood is averaged over tokens (InternVL, TRL) or over sequences' means "
          "(LLaMA-Factory)");
    field("reference", reference, "checkpoint folder of the reference policy (default: --model as it is)");
  }
};

/// Runs to the end or until `stop` turns true (Ctrl-C), then writes a checkpoint. Returns the exit status: 0 done, 130
/// stopped. The reference policy's log-probabilities are computed before the first step and kept in
/// <out>/reference.safetensors. throws InputError for anything wrong with options, model or data.
int train_mpo(const MpoOptions& options, const std::atomic<bool>& stop);

}  // namespace r1v

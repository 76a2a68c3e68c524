// R1V 1.0's first step: a projector learns to show a frozen language model what a frozen tower sees.
#pragma once

#include <atomic>

#include "recipes/train_options.h"

namespace r1v {

/// The language model stands in for the reasoning model; `r1v assemble` exchanges them afterwards.
/// source: arXiv 2504.05599, section 2.1: rates, decay, warm-up, context and batch.
struct AlignOptions : TrainOptions {
  AlignOptions() {
    learning_rate = 2e-4;
    weight_decay = 0.05;
    warmup_ratio = 0.03;
    max_length = 16384;
    batch_size = 8;
    gradient_accumulation = 64;  // 512 samples a step
    freeze = {"vision", "language"};
  }
  std::vector<std::filesystem::path> refine_data;
  double refine_learning_rate = 4e-5;
  int64_t refine_steps = 0;
  std::vector<std::filesystem::path> cot_data;
  double cot_learning_rate = 4e-5;
  int64_t cot_steps = 0;

  void fields(auto& field) {
    TrainOptions::fields(field);
    field("refine-data", refine_data,
          "files of stage 1b: a better part of the data (the paper: 200,000 of 2 million, chosen by GPT-4's score); "
          "none = no such stage");
    field("refine-learning-rate", refine_learning_rate, "peak learning rate of stage 1b");
    field("refine-steps", refine_steps, "optimizer steps of stage 1b; 0 = as many as --num-epochs has");
    field("cot-data", cot_data,
          "files of stage 1c: chains of thought (the paper: 40,000 of high quality); none = no such stage");
    field("cot-learning-rate", cot_learning_rate, "peak learning rate of stage 1c");
    field("cot-steps", cot_steps, "optimizer steps of stage 1c; 0 = as many as --num-epochs has");
  }
};

/// Runs the stages that have data, to the end or until `stop` turns true (Ctrl-C), then writes a checkpoint. Returns
/// the exit status: 0 done, 130 stopped. throws InputError for anything wrong with options, model or data.
int train_align(const AlignOptions& options, const std::atomic<bool>& stop);

}  // namespace r1v

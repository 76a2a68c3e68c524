// Supervised fine-tuning: the model learns to give the answers that the data gives.
#pragma once

#include <atomic>

#include "recipes/train_options.h"

namespace r1v {

using SftOptions = TrainOptions;

/// Runs to the end or until `stop` turns true (Ctrl-C), then writes a checkpoint. Returns the exit status: 0 done, 130
/// stopped. throws InputError for anything wrong with options, model or data.
int train_sft(const SftOptions& options, const std::atomic<bool>& stop);

}  // namespace r1v

// AdamW over groups of parameters, each with a learning rate and a weight decay of its own.
#pragma once

#include <ATen/ATen.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "train/freeze.h"

namespace r1v {

/// Parameters are the float32 masters; they must keep their storage while the optimizer lives.
struct ParameterGroup {
  double learning_rate = 0;
  double weight_decay = 0;
  std::vector<std::pair<std::string, at::Tensor>> parameters;
};

/// Whether weight decay leaves this parameter alone under `--no-decay norms-and-biases`.
/// source: transformers Trainer.get_decay_parameter_names.
bool is_norm_or_bias(const std::string& parameter_name);

/// Learning rates by part; an absent one means `learning_rate`.
struct GroupOptions {
  double learning_rate = 1e-4;
  std::optional<double> vision_learning_rate;
  std::optional<double> projector_learning_rate;
  double weight_decay = 0;
  bool decay_norms_and_biases = false;
};

/// One group for each part and decay that occurs.
std::vector<ParameterGroup> parameter_groups(const std::vector<TrainedParameter>& parameters,
                                             const GroupOptions& options);

struct AdamWOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
};

/// Decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2), as torch.optim.AdamW computes it.
class AdamW final {
 public:
  AdamW(std::vector<ParameterGroup> groups, const AdamWOptions& options);

  /// Moves every parameter that has a gradient; learning rates are multiplied with `factor` (the schedule).
  void step(double factor);

  /// Both moments and the step counts: "exp_avg.<name>", "exp_avg_sq.<name>", "step.<name>". Views, not copies.
  std::vector<std::pair<std::string, at::Tensor>> state() const;

 private:
  struct Moments {
    std::vector<at::Tensor> first, second, steps;
  };
  std::vector<ParameterGroup> groups_;
  std::vector<Moments> moments_;
  AdamWOptions options_;
};

}  // namespace r1v

// A moving average of the weights: often better than the last weights when the run is short.
#pragma once

#include <ATen/ATen.h>

#include <string>
#include <utility>
#include <vector>

#include "train/freeze.h"

namespace r1v {

/// average <- decay * average + (1 - decay) * weights, after every step. The decay starts low, min(decay,
/// (1 + step) / (10 + step)), so that random first weights are soon forgotten.
/// source: tensorflow train.ExponentialMovingAverage, num_updates.
class WeightAverage final {
 public:
  WeightAverage(const std::vector<TrainedParameter>& parameters, double decay);

  void update(int64_t step);
  /// Exchanges the model's weights and the averages; calling it again restores both. Between two calls the model
  /// computes with the averages.
  void swap();
  /// "average.<name>", views for training_state.
  std::vector<std::pair<std::string, at::Tensor>> state() const;

 private:
  const std::vector<TrainedParameter>& parameters_;
  double decay_;
  std::vector<at::Tensor> masters_;
  std::vector<at::Tensor> averages_;
};

}  // namespace r1v

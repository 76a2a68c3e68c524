// Exponential moving average of the float32 masters.
#include "train/average.h"

#include <c10/core/GradMode.h>

#include <algorithm>

namespace r1v {

WeightAverage::WeightAverage(const std::vector<TrainedParameter>& parameters, double decay)
    : parameters_(parameters), decay_(decay) {
  for (const TrainedParameter& parameter : parameters) {
    masters_.push_back(parameter.master.detach());
    averages_.push_back(parameter.master.detach().clone());
  }
}

void WeightAverage::update(int64_t step) {
  const at::NoGradGuard no_grad;
  const double decay = std::min(decay_, (1.0 + static_cast<double>(step)) / (10.0 + static_cast<double>(step)));
  at::_foreach_lerp_(averages_, masters_, 1.0 - decay);
}

void WeightAverage::swap() {
  const at::NoGradGuard no_grad;
  for (size_t i = 0; i < masters_.size(); ++i) {
    const at::Tensor weights = masters_[i].clone();
    masters_[i].copy_(averages_[i]);
    averages_[i].copy_(weights);
  }
  refresh_copies(parameters_);
}

std::vector<std::pair<std::string, at::Tensor>> WeightAverage::state() const {
  std::vector<std::pair<std::string, at::Tensor>> list;
  for (size_t i = 0; i < averages_.size(); ++i) list.emplace_back("average." + parameters_[i].name, averages_[i]);
  return list;
}

}  // namespace r1v

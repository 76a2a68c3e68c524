// The same few calls in the same order for every method.
#include "train/learner.h"

#include <cmath>

#include "base/error.h"
#include "train/gradients.h"
#include "train/state.h"

namespace r1v {

Learner::Learner(std::vector<TrainedParameter> parameters, std::vector<ParameterGroup> groups,
                 const AdamWOptions& adamw, double weight_average)
    : parameters_(std::move(parameters)), optimizer_(std::move(groups), adamw) {
  if (weight_average > 0) average_.emplace(parameters_, weight_average);
}

int64_t Learner::size() const {
  int64_t numbers = 0;
  for (const TrainedParameter& parameter : parameters_) numbers += parameter.master.numel();
  return numbers;
}

double Learner::update(double factor, double max_norm, const std::string& where) {
  const std::vector<at::Tensor> moved = masters(parameters_);
  const double norm = clip_gradients(moved, max_norm);
  if (!std::isfinite(norm)) {
    throw InputError(
        cat(where, ": the gradient is not finite; resume from the last checkpoint with a lower --learning-rate"));
  }
  optimizer_.step(factor);
  drop_gradients(moved);
  refresh_copies(parameters_);
  return norm;
}

void Learner::average(int64_t step) {
  if (average_) average_->update(step);
}

void Learner::become_averages() {
  if (average_) average_->swap();
}

std::vector<std::pair<std::string, at::Tensor>> Learner::averages() const {
  return average_ ? average_->state() : std::vector<std::pair<std::string, at::Tensor>>();
}

void Learner::save(const std::filesystem::path& run, int64_t step, const Json& position,
                   const std::function<void(const std::filesystem::path& folder)>& write) {
  publish_checkpoint(run, step, [&](const std::filesystem::path& folder) {
    save_training_state(folder, parameters_, optimizer_, position, averages());
    with_averages([&] {
      const MastersInPlace exact(parameters_);
      write(folder);
    });
  });
}

Json Learner::restore(const std::filesystem::path& checkpoint) {
  return load_training_state(checkpoint, parameters_, optimizer_, averages());
}

}  // namespace r1v

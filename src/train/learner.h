// What every training loop does with gradients and weights: clip, move, average, save, resume.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "train/average.h"
#include "train/freeze.h"
#include "train/optimizer.h"

namespace r1v {

/// The parameters that learn, the optimizer that moves them and, where one is kept, the moving average of them.
class Learner final {
 public:
  /// weight_average  decay of the moving average; 0: none is kept.
  Learner(std::vector<TrainedParameter> parameters, std::vector<ParameterGroup> groups, const AdamWOptions& adamw,
          double weight_average);
  Learner(const Learner&) = delete;
  Learner& operator=(const Learner&) = delete;

  /// How many numbers learn.
  int64_t size() const;
  /// Takes the gradients of a backward pass to the masters.
  void collect() const { collect_gradients(parameters_); }
  /// Shortens the collected gradients to `max_norm`, moves every parameter by `factor` times its learning rate and
  /// forgets the gradients. returns their norm before. throws InputError: it is not finite; `where` names the step.
  double update(double factor, double max_norm, const std::string& where);
  /// After all updates of a step.
  void average(int64_t step);

  /// Calls work() while the averages, where they are kept, are the model's weights.
  template <typename Work>
  void with_averages(const Work& work) {
    if (average_) average_->swap();
    work();
    if (average_) average_->swap();
  }
  /// For good: what comes next starts from the averages.
  void become_averages();

  /// Publishes <run>/checkpoints/step-<step> with all that going on needs, `position` among it. `write` adds the model
  /// to the folder while its weights are the averages (or the masters) in float32 to the last bit.
  void save(const std::filesystem::path& run, int64_t step, const Json& position,
            const std::function<void(const std::filesystem::path& folder)>& write);
  /// Puts everything back to the bit; returns the position. throws InputError: load_training_state's.
  Json restore(const std::filesystem::path& checkpoint);

 private:
  std::vector<std::pair<std::string, at::Tensor>> averages() const;

  const std::vector<TrainedParameter> parameters_;
  AdamW optimizer_;
  std::optional<WeightAverage> average_;
};

}  // namespace r1v

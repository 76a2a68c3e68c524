// Measures one opened model: every figure comes through the doors that other commands use.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/bench_cost.h"
#include "apps/bench_figures.h"
#include "apps/bench_work.h"
#include "apps/open_model.h"
#include "engine/engine.h"
#include "kernels/machine_limits.h"
#include "prompt/render.h"

namespace r1v {

class ModelMeasures {
 public:
  ModelMeasures(const OpenModel& model, const MachineLimits& limits, WeightFormat format, int64_t repetitions);

  /// Why the model cannot be measured so, in words; empty where it can.
  std::string obstacle(const Measure& measure) const;
  Figure measure(const Measure& measure) const;

 private:
  Figure decode(int64_t depth) const;
  Figure prefill(int64_t tokens) const;
  Figure batch(int64_t samples) const;
  Figure image(int64_t tiles) const;
  Figure second_question() const;

  Engine engine(int64_t samples = 1) const;
  Prompt prompt(int64_t tokens, uint64_t salt) const;
  Prompt question_about(const at::Tensor& pixels, uint64_t salt) const;
  Share share(const WorkCost& cost, WeightFormat format, double seconds) const;

  const OpenModel& model_;
  const MachineLimits& limits_;
  WeightFormat format_;
  int64_t repetitions_;
  double weight_bytes_ = 0.0;  // that a decoded token reads
  double kv_number_bytes_ = 0.0;
};

/// Seconds from now to the first token of a model that is not open yet: what `load` runs in a process of its own.
double seconds_to_first_token(const ModelOptions& options, const EngineFlags& flags);

}  // namespace r1v

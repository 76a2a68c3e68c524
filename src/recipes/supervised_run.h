// One network that learns the answers of data, in one stage or in several, one after the other, in one run folder.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "models/r1v.h"
#include "prompt/render.h"
#include "recipes/train_options.h"
#include "train/freeze.h"
#include "train/meter.h"

namespace r1v {

/// What is learnt in a stage and how. Model, run folder, dtype and frozen parts are the run's.
struct SupervisedStage {
  TrainOptions options;
  std::string data_option = "--data";  // where its files were named, for messages
  Json note = Json::object();          // numbers for every line of metrics.jsonl, say {"stage": 2}
};

class SupervisedRun final {
 public:
  /// Opens --model; with --resume the first stage to be trained goes on from the newest checkpoint in --out.
  /// throws InputError: a broken model, nothing left to train.
  SupervisedRun(const TrainOptions& options, const std::atomic<bool>& stop);
  ~SupervisedRun();

  /// Trains stage `number` (called with 0, 1, ... in order; some may be left out) until it is done and saved, or until
  /// `stop` turns true. Every stage starts from the weights of the one before (with --weight-average from its
  /// averages), with an optimizer and a schedule of its own. A stage that the resumed checkpoint lies behind is left
  /// out. returns false when it was stopped. throws InputError for anything wrong with options or data.
  bool train(int64_t number, const SupervisedStage& stage);

  /// Optimizer steps of all stages so far.
  int64_t step() const { return step_; }
  /// Into log.txt and on stderr.
  void say(const std::string& message);

 private:
  struct Stage;

  bool begin(int64_t number, const SupervisedStage& stage);
  at::Tensor hidden(const PackedBatch& batch) const;
  double add_gradients(const std::vector<PackedBatch>& batches, int64_t targets);
  Json train_step();
  void evaluate(Json& line);
  void save();
  void restore();
  void show_samples() const;
  void say_what_was_left_out();

  const TrainOptions options_;
  const std::atomic<bool>& stop_;
  const Renderer renderer_;
  const std::unique_ptr<R1vModel> model_;
  const at::ScalarType dtype_;
  std::vector<TrainedParameter> parameters_;
  std::unique_ptr<Stage> stage_;
  std::unique_ptr<Meter> meter_;
  std::optional<std::filesystem::path> resumed_;  // checkpoint that is not loaded yet
  int64_t resumed_stage_ = 0;
  int64_t step_ = 0, saved_ = 0;
};

}  // namespace r1v

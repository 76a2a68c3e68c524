// Models that answer and models that judge behind one compute thread, which many threads ask.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/engine.h"
#include "engine/service.h"

namespace r1v {

class R1vModel;
class Renderer;
class RewardModel;

struct ModelServiceOptions {
  int64_t max_waiting = 256;  // questions (or conversations to score) a model keeps beyond those it has places for
  int64_t max_waiting_bytes = int64_t{1} << 30;  // of their pictures
};

/// The compute thread steps engines and reads passes of what is to be scored, each model as long as the others that
/// have work. It sleeps while there is nothing to do. What goes wrong in one model's step fails the questions of that
/// model alone.
class ModelService {
 public:
  explicit ModelService(const ModelServiceOptions& options = {});
  ~ModelService();  // as stop()

  /// Both borrow what they are given, may be called before and after start(), from any thread; what they return lives
  /// as long as the service. `defaults`: what the checkpoint wishes where a request says nothing.
  /// throws InputError as Engine's constructor does.
  Generator& add_generator(const R1vModel& model, const Renderer& renderer, const EngineOptions& options,
                           const SamplingParams& defaults);
  /// pass_tokens  rows that the reward model reads between two steps of the others.
  Scorer& add_scorer(const RewardModel& model, int64_t pass_tokens = EngineOptions{}.pass_tokens);

  /// From here on what is asked is answered; what was asked before waits until then.
  void start();
  /// Refuses what is new and waits until all that is under way is over. false when that took longer.
  bool drain(double seconds);
  /// Refuses what is new, ends all that is under way as cancelled after the pass that is being made, and joins the
  /// thread. Not from a listener.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace r1v

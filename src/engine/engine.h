// Prompts in, completions out: many requests through one model.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "engine/request.h"
#include "engine/sampling_params.h"

namespace r1v {

class R1vModel;
class Renderer;
struct Prompt;

struct GenerateRequest {
  const Prompt* prompt = nullptr;
  SamplingParams sampling;
  StreamCallback on_piece;  // may be empty
};

struct GenerateResult {
  std::vector<Completion> completions;  // sampling.n of them
  Usage usage;
  Timing timing;
};

struct EngineOptions {
  int64_t max_batch = 32;           // sequences decoded together
  int64_t prefill_chunk = 4096;     // prompt tokens a pass
};

/// Borrows the model and the renderer (tokenizer, eos and control ids). One thread drives it.
class Engine {
 public:
  Engine(const R1vModel& model, const Renderer& renderer, const EngineOptions& options = {});
  ~Engine();

  /// Answers all requests, batched; results in the order of the requests. The same tokens for the same seed in any
  /// company up to float rounding (exact company-independence is a later engine's promise).
  std::vector<GenerateResult> generate(const std::vector<GenerateRequest>& requests);
  GenerateResult generate(const GenerateRequest& request);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace r1v

// What an engine is made of: requests on their way, the scheduler that plans passes, the memory they go on.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "engine/block_store.h"
#include "engine/draft_runner.h"
#include "engine/engine.h"
#include "engine/job.h"
#include "engine/picture_rows.h"
#include "engine/scheduler.h"
#include "models/r1v.h"
#include "prompt/render.h"

namespace r1v {

struct Engine::Impl {
  Impl(const R1vModel& network, const Renderer& prompt_renderer, const EngineOptions& engine_options);

  // engine.cpp: requests come and go
  void forget_everything();
  size_t add(const GenerateRequest& request);
  void cancel_where_asked();
  void cancel(size_t number);
  void end_sample(const SampleName& name);
  void settle(size_t number);

  // engine_pass.cpp: from a plan to drawn tokens
  struct PassInput;
  void start_samples();
  void end_thinking_where_asked();
  void propose_drafts();
  void look_up_drafts();
  void run_draft_model();
  void run(const StepPlan& plan);
  void tell_progress(const StepPlan& plan) const;
  void prepare_blocks(const StepPlan& plan);
  void encode_pictures(const StepPlan& plan);
  PassInput gather(const StepPlan& plan);
  at::Tensor compute(const PassInput& input);
  void hand_out(const StepPlan& plan, const at::Tensor& logits_TV);
  void answer(const StepPart& part, std::span<const float> logits);
  bool advance(Job& job, Sequence& sequence, std::span<const float> logits);
  void deliver(const Job& job, Sequence& sequence, const StreamPiece& piece);

  const R1vModel& model;
  const Renderer& renderer;
  EngineOptions options;
  AnswerVocabulary vocabulary;
  SchedulerLimits limits;
  std::unique_ptr<BlockStore> store;
  std::optional<PictureRows> picture_rows;
  std::optional<Scheduler> scheduler;
  std::optional<DraftRunner> draft_runner;
  std::map<size_t, Job> jobs;
  EngineCounts counts;
  std::deque<std::pair<size_t, GenerateResult>> finished;
  int64_t next_draft_name = 0;
};

}  // namespace r1v

// One engine behind the compute thread: questions come from any thread, answers go out from the one that computes.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "engine/engine.h"
#include "engine/model_host.h"
#include "engine/service.h"
#include "engine/ticket_state.h"
#include "engine/waiting_line.h"
#include "engine/work_signal.h"
#include "prompt/render.h"

namespace r1v {

struct HostLimits {
  int64_t max_waiting = 256;
  int64_t max_waiting_bytes = int64_t{1} << 30;
};

class GeneratorHost final : public Generator, public ModelHost {
 public:
  GeneratorHost(const R1vModel& model, const Renderer& renderer, const EngineOptions& options,
                const SamplingParams& defaults, const HostLimits& limits, std::shared_ptr<WorkSignal> signal);

  std::shared_ptr<AnswerTicket> ask(ModelQuestion question, std::shared_ptr<AnswerListener> listener) override;
  RenderedPrompt render(const Conversation& conversation, bool thinking) const override;
  const Tokenizer& tokenizer() const override { return renderer_.tokenizer(); }
  const ServedModelFacts& facts() const override { return facts_; }
  ServiceCounts counts() const override;

  bool turn() override;
  void end_all() override;
  void close() override { line_.close(); }
  bool is_idle() const override;

 private:
  /// A question from the line to its end; the engine reads the prompt where it stands.
  struct UnderWay {
    Prompt prompt;
    SamplingParams sampling;
    uint64_t cache_salt = 0;
    LineCost cost;
    std::shared_ptr<TicketState> ticket;
    std::shared_ptr<AnswerListener> listener;
  };
  using Owned = std::unique_ptr<UnderWay>;

  void expect_text_fits(const ModelQuestion& question) const;
  Prompt prompt_of(const ModelQuestion& question) const;
  GenerateRequest request_of(UnderWay& question) const;
  void end_cancelled();
  void begin();
  void step();
  void give_out();
  void fail_all(const std::string& message);
  void publish();

  const Renderer& renderer_;
  ServedModelFacts facts_;
  size_t longest_token_bytes_ = 1;
  Engine engine_;
  std::shared_ptr<WorkSignal> signal_;
  WaitingLine<Owned> line_;
  std::map<size_t, Owned> under_way_;  // by the engine's numbers; the compute thread's
  ServiceCounts seen_;                 // the compute thread's
  std::atomic<bool> is_turning_ = false;
  mutable std::mutex mutex_;
  ServiceCounts published_;  // what other threads may see of it
};

}  // namespace r1v

// The compute thread: models share its time, and it is asleep when there is nothing to do.
#include "engine/model_service.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/error.h"
#include "engine/generator_host.h"
#include "engine/scorer_host.h"
#include "engine/turns.h"

namespace r1v {

struct ModelService::Impl {
  explicit Impl(const ModelServiceOptions& service_options) : options(service_options) {}

  std::vector<ModelHost*> all_hosts() {
    const std::lock_guard lock(mutex);
    std::vector<ModelHost*> all;
    for (const auto& host : hosts) all.push_back(host.get());
    return all;
  }

  template <class Host>  // one of two kinds
  Host& add(std::unique_ptr<Host> host) {
    Host& added = *host;
    const std::lock_guard lock(mutex);
    if (is_closed) added.close();
    hosts.push_back(std::move(host));
    return added;
  }

  void compute() {
    Turns turns;
    while (!is_stopping) {
      const uint64_t seen = signal->rings();
      if (turns.round(all_hosts())) continue;
      {
        const std::lock_guard lock(mutex);  // who looks whether all are idle does so before this or after
      }
      became_idle.notify_all();
      if (!is_stopping) signal->wait(seen);
    }
    for (ModelHost* host : all_hosts()) host->end_all();
    became_idle.notify_all();
  }

  void close() {
    const std::lock_guard lock(mutex);
    is_closed = true;
    for (const auto& host : hosts) host->close();
  }

  bool is_idle() const {  // under the lock
    return std::ranges::all_of(hosts, [](const auto& host) { return host->is_idle(); });
  }

  const ModelServiceOptions options;
  const std::shared_ptr<WorkSignal> signal = std::make_shared<WorkSignal>();
  std::mutex mutex;
  std::condition_variable became_idle;
  std::vector<std::unique_ptr<ModelHost>> hosts;
  bool is_closed = false;
  std::atomic<bool> is_stopping = false;
  std::mutex thread_mutex;
  std::thread thread;
};

ModelService::ModelService(const ModelServiceOptions& options) : impl_(std::make_unique<Impl>(options)) {
  if (options.max_waiting < 0 || options.max_waiting_bytes < 0) {
    throw InputError(cat("a service where ", options.max_waiting, " questions of ", options.max_waiting_bytes,
                         " bytes may wait; expected 0 or more"));
  }
}

ModelService::~ModelService() { stop(); }

Generator& ModelService::add_generator(const R1vModel& model, const Renderer& renderer, const EngineOptions& options,
                                       const SamplingParams& defaults) {
  const HostLimits limits{.max_waiting = impl_->options.max_waiting,
                          .max_waiting_bytes = impl_->options.max_waiting_bytes};
  return impl_->add(std::make_unique<GeneratorHost>(model, renderer, options, defaults, limits, impl_->signal));
}

Scorer& ModelService::add_scorer(const RewardModel& model, int64_t pass_tokens) {
  if (pass_tokens < 1) throw InputError(cat("a scorer of ", pass_tokens, " tokens a pass; expected 1 or more"));
  const LineLimits limits{
      .places = 1, .max_waiting = impl_->options.max_waiting, .max_bytes = impl_->options.max_waiting_bytes};
  return impl_->add(std::make_unique<ScorerHost>(model, pass_tokens, limits, impl_->signal));
}

void ModelService::start() {
  const std::lock_guard lock(impl_->thread_mutex);
  if (impl_->thread.joinable() || impl_->is_stopping) return;
  impl_->thread = std::thread([this] { impl_->compute(); });
}

bool ModelService::drain(double seconds) {
  impl_->close();
  std::unique_lock lock(impl_->mutex);
  return impl_->became_idle.wait_for(lock, std::chrono::duration<double>(seconds), [this] { return impl_->is_idle(); });
}

void ModelService::stop() {
  impl_->close();
  impl_->is_stopping = true;
  impl_->signal->ring();
  const std::lock_guard lock(impl_->thread_mutex);
  if (impl_->thread.joinable()) impl_->thread.join();
  for (ModelHost* host : impl_->all_hosts()) host->end_all();  // those asked of a service that never started
}

}  // namespace r1v

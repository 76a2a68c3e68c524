// r1v serve: an OpenAI-compatible server with a web page, over one model that answers and one that judges.
#include <fmt/format.h>

#include <atomic>
#include <cmath>
#include <csignal>
#include <ctime>
#include <exception>
#include <iostream>
#include <optional>
#include <thread>

#include "apps/commands.h"
#include "apps/open_model.h"
#include "apps/sampling_options.h"
#include "apps/serve_options.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "engine/model_service.h"
#include "http/server.h"
#include "serve/routes.h"
#include "serve/served_models.h"

namespace r1v {
namespace {

constexpr const char* kDescription =
    "Answers OpenAI clients over HTTP (chat with pictures, completions, responses, scores) and shows a web page. The "
    "address is printed on stdout; docs/serve.md tells the routes.\n\n"
    "  r1v serve\n"
    "  r1v serve --model DIR --reward-model DIR --port 8080\n"
    "  r1v serve --api-keys keys.txt --new-key alice; r1v serve --host 0.0.0.0 --api-keys keys.txt";

/// SIGTERM and Ctrl-C, taken by the one thread that waits for them.
sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

/// Whether one of the signals came within so many seconds.
bool wait_for_signal(double seconds) {
  const sigset_t set = ending_signals();
  const timespec timeout = {.tv_sec = static_cast<time_t>(seconds),
                            .tv_nsec = static_cast<int64_t>((seconds - std::floor(seconds)) * 1e9)};
  return ::sigtimedwait(&set, nullptr, &timeout) > 0;
}

std::string model_name(const std::filesystem::path& folder) {
  const std::filesystem::path whole = std::filesystem::absolute(folder).lexically_normal();
  return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

/// Where a browser on this machine finds the server.
std::string url_of(const ServeFlags& flags, uint16_t port) {
  std::string host = flags.host == "0.0.0.0" ? "127.0.0.1" : flags.host == "::" ? "::1" : flags.host;
  if (host.find(':') != std::string::npos) host = cat("[", host, "]");
  return cat(flags.tls_certificate.empty() ? "http://" : "https://", host, ":", port);
}

class ServeRun {
 public:
  explicit ServeRun(const ServeFlags& flags)
      : flags_(flags), options_(serve_options(flags)), service_({.max_waiting = flags.max_waiting}) {}

  int run() {
    std::shared_ptr<const KeyRing> keys;
    if (!flags_.api_keys.empty()) keys = std::make_shared<const KeyRing>(KeyRing::read(flags_.api_keys));
    Serving serving = make_serving(models_, options_, [this] { return server_->counts(); });
    server_.emplace(http_options(flags_), std::move(serving.routes), keys, std::move(serving.on_finished));
    server_->start();
    std::thread loader([this] { load(); });
    wait_for_end();
    loader.join();
    if (failure_) std::rethrow_exception(failure_);  // what has begun ends with this object
    end();
    return 0;
  }

 private:
  /// The judge first: what it leaves free is shared out to keys and values.
  void load() {
    try {
      const double start = monotonic_s();
      judge_folder_ = reward_folder(flags_);
      if (judge_folder_) {
        ModelOptions place = flags_.model;
        place.model = *judge_folder_;
        place.max_tiles = 0;
        judge_ = open_reward_model(place);
      }
      open_ = open_model(flags_.model, flags_.engine);
      open_.engine.prefix_cache_bytes = flags_.prefix_cache << 20;
      open_.engine.picture_cache_bytes = flags_.picture_cache << 20;
      add_models();
      models_.set_ready();
      const std::string url = url_of(flags_, server_->port());
      std::cout << url << std::endl;
      log_info(fmt::format("ready at {} after {:.2f} s; Ctrl-C ends it", url, monotonic_s() - start));
    } catch (...) {
      failure_ = std::current_exception();
    }
    is_loaded_ = true;
  }

  void add_models() {
    const SamplingParams defaults = resolve_sampling({}, open_.generation);
    Generator& generator = service_.add_generator(*open_.model, *open_.renderer, open_.engine, defaults);
    const auto now = static_cast<int64_t>(std::time(nullptr));
    const std::string name = flags_.name.empty() ? model_name(flags_.model.model) : flags_.name;
    models_.add({.name = name, .generator = &generator, .created = now});
    if (judge_) {
      std::string judge = model_name(*judge_folder_);
      if (judge == name) judge += "-reward";
      models_.add({.name = judge, .scorer = &service_.add_scorer(*judge_), .created = now});
    }
    service_.start();
  }

  /// Until a signal comes, or loading has failed.
  void wait_for_end() {
    while (!is_loaded_) {
      if (!wait_for_signal(0.05)) continue;
      log_info("stopped while loading");
      std::_Exit(0);  // nothing has been answered yet, and a load cannot be interrupted
    }
    while (!failure_ && !wait_for_signal(3600)) {
    }
  }

  /// Answers under way are finished, up to a time; a second signal ends them at once.
  void end() {
    log_info(fmt::format("ending: no new requests; answers under way get {:g} s, a second signal cuts them short",
                         flags_.drain_seconds));
    std::atomic<bool> is_drained = false;
    std::thread drain([&] {
      server_->drain(flags_.drain_seconds);
      is_drained = true;
    });
    bool was_hurried = false;
    while (!is_drained && !was_hurried) was_hurried = wait_for_signal(0.05);
    service_.stop();  // open streams are told that they end early
    if (was_hurried) server_->drain(1);
    server_->stop();
    drain.join();
    log_info("ended");
  }

  const ServeFlags& flags_;
  ServeOptions options_;
  ServedModels models_;
  std::optional<std::filesystem::path> judge_folder_;
  std::unique_ptr<RewardModel> judge_;
  OpenModel open_;
  ModelService service_;  // before the models it computes with go
  std::optional<HttpServer> server_;
  std::atomic<bool> is_loaded_ = false;
  std::exception_ptr failure_;
};

}  // namespace

int run_serve(Args args) {
  const ServeFlags flags = parse_options<ServeFlags>("serve", kDescription, args);
  if (flags.new_key) {
    make_key(flags);
    return 0;
  }
  check_flags(flags);
  const sigset_t set = ending_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);  // inherited by every thread that comes
  return ServeRun(flags).run();
}

}  // namespace r1v

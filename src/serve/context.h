// What all handlers share.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "http/server.h"
#include "serve/grammars.h"
#include "serve/monitor.h"
#include "serve/routes.h"
#include "serve/running.h"
#include "serve/served_models.h"

namespace r1v {

struct ServeContext {
  ServeContext(const ServedModels& served, const ServeOptions& serve_options, std::function<HttpCounts()> http_counts);

  /// Another one every time, for requests that name none.
  uint64_t next_seed();
  /// Of the caches: 0 where keys share them.
  uint64_t cache_salt(const std::string& key_name) const;

  const ServedModels& models;
  const ServeOptions& options;
  const std::function<HttpCounts()> counts;
  ServeMonitor monitor;
  Grammars grammars;
  RunningRequests running;

 private:
  std::atomic<uint64_t> num_seeds_ = 0;
  const uint64_t first_seed_;
};

}  // namespace r1v

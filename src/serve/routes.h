// Every route of the server in one table.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "http/exchange.h"
#include "http/fetch.h"
#include "http/server.h"
#include "serve/monitor.h"
#include "serve/served_models.h"

namespace r1v {

/// All caps of a request.
struct ServeLimits {
  size_t max_body_bytes = size_t{64} << 20;
  int64_t max_json_depth = 64;
  size_t max_json_keys = 2048;  // of one object
  int64_t max_pictures = 16;
  PictureLimits picture{.max_bytes = 20'000'000, .max_pixels = 50'000'000, .max_side = 8192};
  int64_t max_total_pixels = 200'000'000;  // of one request
  int64_t max_n = 16;                      // also best_of
  int64_t max_top_logprobs = 20;
  size_t max_logit_bias = 1024;
  size_t max_stop = 16;
  size_t max_messages = 1024;
  size_t max_scored = 256;
  double max_seconds = 600;        // of one answer; then it ends as cut off
  int64_t default_max_tokens = 0;  // 0 = what the context leaves
};

struct ServeOptions {
  ServeLimits limits;
  FetchPolicy fetch;                   // remote pictures; off by default
  std::filesystem::path picture_root;  // "file:" and paths inside it; empty = off
  bool logs_prompts = false;
  bool salts_by_key = false;  // the prefix cache is each key's own
  std::string version;
};

/// What an HttpServer is made of.
struct Serving {
  std::vector<HttpRoute> routes;
  std::function<void(const HttpLogEntry&)> on_finished;  // writes the request log and feeds /metrics
};

/// models and options outlive the server. counts  of the HTTP server, for /metrics.
Serving make_serving(const ServedModels& models, const ServeOptions& options, std::function<HttpCounts()> counts);

}  // namespace r1v

// Is the server ready, how is it doing, which one is it?
#include "base/json.h"
#include "serve/handlers.h"
#include "serve/json_text.h"

namespace r1v {
namespace {

void append_metric(const char* name, const char* type, const char* help, std::string& out) {
  out += cat("# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n");
}

/// One line a model.
template <typename Value>
void append_by_model(const char* name, const char* type, const char* help, const std::vector<ServedModel>& models,
                     const Value& value, std::string& out) {
  append_metric(name, type, help, out);
  for (const ServedModel& model : models) {
    const ServiceCounts counts = model.generator != nullptr ? model.generator->counts() : model.scorer->counts();
    out += cat(name, "{model=");
    append_quoted(model.name, out);
    out += cat("} ", value(counts), "\n");
  }
}

std::string model_metrics(const std::vector<ServedModel>& models) {
  using Counts = ServiceCounts;
  std::string out;
  const auto gauge = [&](const char* name, const char* help, auto value) {
    append_by_model(name, "gauge", help, models, value, out);
  };
  const auto counter = [&](const char* name, const char* help, auto value) {
    append_by_model(name, "counter", help, models, value, out);
  };
  gauge("r1v_running", "Questions that the model works on.", [](const Counts& counts) { return counts.running; });
  gauge("r1v_waiting", "Questions in its queue.", [](const Counts& counts) { return counts.waiting; });
  gauge("r1v_kv_blocks", "Blocks of keys and values.", [](const Counts& counts) { return counts.kv_blocks; });
  gauge("r1v_kv_blocks_used", "Those that questions under way hold.",
        [](const Counts& counts) { return counts.kv_blocks_used; });
  counter("r1v_scored_total", "Conversations scored.", [](const Counts& counts) { return counts.scored; });
  counter("r1v_passes_total", "Passes through the network.", [](const Counts& counts) { return counts.engine.passes; });
  counter("r1v_rows_total", "Tokens through the network.", [](const Counts& counts) { return counts.engine.rows; });
  counter("r1v_tower_passes_total", "Passes that encoded a picture.",
          [](const Counts& counts) { return counts.engine.tower_passes; });
  counter("r1v_preemptions_total", "Answers that lost their blocks and were read again.",
          [](const Counts& counts) { return counts.engine.preemptions; });
  return out;
}

std::string http_metrics(const HttpCounts& counts) {
  std::string out;
  append_metric("r1v_connections", "gauge", "Open connections.", out);
  out += cat("r1v_connections ", counts.connections, "\n");
  append_metric("r1v_streams", "gauge", "Replies in pieces under way.", out);
  out += cat("r1v_streams ", counts.streams, "\n");
  append_metric("r1v_refused_total", "counter", "Requests refused before any handler.", out);
  out += cat("r1v_refused_total ", counts.refused, "\n");
  return out;
}

}  // namespace

std::vector<HttpRoute> status_routes(const std::shared_ptr<ServeContext>& context) {
  const auto health = [context](const std::shared_ptr<HttpExchange>& exchange) {
    if (context->models.is_ready()) return exchange->reply({.body = R"({"status":"ok"})"});
    exchange->reply({.status = 503, .body = R"({"status":"loading"})", .headers = {{"Retry-After", "1"}}});
  };
  const auto metrics = [context](const std::shared_ptr<HttpExchange>& exchange) {
    std::string text = context->monitor.metrics() + model_metrics(context->models.list());
    if (context->counts) text += http_metrics(context->counts());
    exchange->reply({.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = std::move(text)});
  };
  const auto version = [context](const std::shared_ptr<HttpExchange>& exchange) {
    exchange->reply({.body = dump_json({{"version", context->options.version}})});
  };
  return {{.method = "GET", .pattern = "/health", .handler = health, .needs_key = false},
          {.method = "GET", .pattern = "/metrics", .handler = metrics},
          {.method = "GET", .pattern = "/version", .handler = version}};
}

}  // namespace r1v

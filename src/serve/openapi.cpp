// GET /openapi.json: made of the tables that requests are checked against.
#include "serve/handlers.h"
#include "serve/reply_shapes.h"
#include "serve/request_shapes.h"

namespace r1v {
namespace {

struct Operation {
  const char* method;
  const char* path;
  const char* summary;
  std::optional<Shape> body;
  std::optional<Shape> reply;  // none: text
  bool streams = false;
  bool is_open = false;  // needs no key
};

std::vector<Operation> operations(const ServeLimits& limits) {
  return {
      {"post", "/v1/chat/completions", "A conversation with pictures, answered", chat_shape(limits), chat_reply_shape(),
       true},
      {"post", "/v1/completions", "Texts, continued", completions_shape(limits), completions_reply_shape(), true},
      {"post", "/v1/responses", "A conversation, answered; nothing is kept", responses_shape(limits),
       responses_reply_shape(), true},
      {"post", "/v1/score", "Answers, judged by the reward model", score_shape(limits), score_reply_shape()},
      {"get", "/v1/models", "The models here", std::nullopt, models_reply_shape()},
      {"get", "/v1/models/{id}", "One of them", std::nullopt, model_reply_shape()},
      {"post", "/v1/requests/{id}/end_thinking", "The answer of a request under way begins now", empty_shape(),
       control_reply_shape()},
      {"delete", "/v1/requests/{id}", "A request under way ends", std::nullopt, control_reply_shape()},
      {"post", "/tokenize", "A text or a conversation as tokens", tokenize_shape(limits), tokenize_reply_shape()},
      {"post", "/detokenize", "Tokens as text", detokenize_shape(limits), detokenize_reply_shape()},
      {"get", "/health", "200 when the models are loaded, 503 before", std::nullopt, health_reply_shape(), false, true},
      {"get", "/metrics", "Counts in Prometheus' text format", std::nullopt, std::nullopt},
      {"get", "/version", "Which program this is", std::nullopt, version_reply_shape()},
      {"get", "/openapi.json", "This description", std::nullopt, Shape{.kind = Shape::Kind::map, .items = {Shape{}}}},
  };
}

Json content(const char* type, Json schema) {
  Json out = Json::object();
  out[type]["schema"] = std::move(schema);
  return out;
}

/// One server-sent event.
Json event_schema() {
  return {{"type", "object"},
          {"properties",
           {{"event", {{"type", "string"}}}, {"data", {{"type", "string"}, {"description", "JSON, or [DONE]"}}}}},
          {"required", Json::array({"data"})}};
}

Json operation_json(const Operation& operation, Json& components) {
  Json out = {{"summary", operation.summary}};
  if (std::string_view(operation.path).find("{id}") != std::string_view::npos) {
    out["parameters"] = Json::array(
        {{{"name", "id"}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}, {"minLength", 1}}}}});
  }
  if (operation.body) {
    const bool is_needed = !operation.body->fields.empty();
    out["requestBody"] = {{"required", is_needed},
                          {"content", content("application/json", schema_of(*operation.body, components))}};
  }
  Json ok = {{"description", "the reply"}};
  ok["content"] = operation.reply ? content("application/json", schema_of(*operation.reply, components))
                                  : content("text/plain", {{"type", "string"}});
  if (operation.streams) ok["content"]["text/event-stream"]["schema"] = event_schema();
  out["responses"]["200"] = std::move(ok);
  if (operation.is_open) {
    out["security"] = Json::array();
    out["responses"]["503"] = {{"description", "not ready"}, {"content", out["responses"]["200"]["content"]}};
  } else {
    out["responses"]["default"] = {
        {"description", "refused, or failed"},
        {"content", content("application/json", schema_of(error_reply_shape(), components))}};
  }
  return out;
}

Json description(const ServeOptions& options) {
  Json schemas = Json::object();
  Json paths = Json::object();
  for (const Operation& operation : operations(options.limits)) {
    paths[operation.path][operation.method] = operation_json(operation, schemas);
  }
  Json out = {{"openapi", "3.1.0"},
              {"info",
               {{"title", "r1v serve"},
                {"version", options.version},
                {"description",
                 "OpenAI's API for models that look at pictures and think, with extensions. "
                 "Unknown parameters are refused; null is the same as leaving a field out."}}},
              // With keys, one is needed; without, none is.
              {"security", Json::array({{{"key", Json::array()}}, Json::object()})},
              {"paths", std::move(paths)}};
  out["components"]["schemas"] = std::move(schemas);
  out["components"]["securitySchemes"]["key"] = {{"type", "http"}, {"scheme", "bearer"}};
  return out;
}

}  // namespace

std::vector<HttpRoute> openapi_routes(const std::shared_ptr<ServeContext>& context) {
  const auto body = std::make_shared<const std::string>(dump_json(description(context->options)));
  return {{.method = "GET",
           .pattern = "/openapi.json",
           .handler = [body](const std::shared_ptr<HttpExchange>& exchange) { exchange->reply({.body = *body}); }}};
}

}  // namespace r1v

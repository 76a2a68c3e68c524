// What is done to a request under way: end its thinking, or end it. Only with the key that it came with.
#include "http/error.h"
#include "serve/body.h"
#include "serve/handlers.h"
#include "serve/request_shapes.h"

namespace r1v {
namespace {

/// Clients know a request by X-Request-Id or by the id in its answer.
std::string plain_id(const std::string& id) {
  for (const std::string front : {"chatcmpl-", "cmpl-", "resp_", "score-"}) {
    if (id.starts_with(front)) return id.substr(front.size());
  }
  return id;
}

/// Another key's request is one that is not there.
std::vector<std::shared_ptr<RunningAnswer>> found(const HttpRequest& request, const ServeContext& context) {
  const std::string& id = request.parameters.at("id");
  auto answers = context.running.find(request.key_name, id);
  if (answers.empty()) answers = context.running.find(request.key_name, plain_id(id));
  if (!answers.empty()) return answers;
  throw HttpError(404, "request_not_found",
                  cat("no request \"", printable(id), "\" of this key is under way; it may be over"), "id");
}

HttpReply done(const std::string& id, const char* what) {
  return {.body = dump_json({{"id", id}, {"object", "request"}, {what, true}})};
}

}  // namespace

std::vector<HttpRoute> control_routes(const std::shared_ptr<ServeContext>& context) {
  const auto shape = std::make_shared<const Shape>(empty_shape());
  const auto end_thinking = [context, shape](const std::shared_ptr<HttpExchange>& exchange) {
    const HttpRequest& request = exchange->request();
    read_body(request, *shape, context->options.limits, /*may_be_empty=*/true);
    for (const auto& answer : found(request, *context)) answer->end_thinking();
    exchange->reply(done(request.parameters.at("id"), "thinking_ended"));
  };
  const auto end = [context, shape](const std::shared_ptr<HttpExchange>& exchange) {
    const HttpRequest& request = exchange->request();
    read_body(request, *shape, context->options.limits, /*may_be_empty=*/true);
    for (const auto& answer : found(request, *context)) answer->cut(CutBy::client);
    exchange->reply(done(request.parameters.at("id"), "deleted"));
  };
  constexpr size_t kSmallBody = 64 << 10;  // of an empty object; room for a wrong one to be told what is wrong
  return {{.method = "POST",
           .pattern = "/v1/requests/{id}/end_thinking",
           .handler = end_thinking,
           .max_body_bytes = kSmallBody},
          {.method = "DELETE", .pattern = "/v1/requests/{id}", .handler = end, .max_body_bytes = kSmallBody}};
}

}  // namespace r1v

// The routes' handlers, by file.
#pragma once

#include <memory>
#include <vector>

#include "http/exchange.h"
#include "serve/context.h"

namespace r1v {

std::vector<HttpRoute> chat_routes(const std::shared_ptr<ServeContext>& context);
std::vector<HttpRoute> completions_routes(const std::shared_ptr<ServeContext>& context);
std::vector<HttpRoute> responses_routes(const std::shared_ptr<ServeContext>& context);
std::vector<HttpRoute> score_routes(const std::shared_ptr<ServeContext>& context);
/// /v1/models, /v1/models/{id}
std::vector<HttpRoute> model_routes(const std::shared_ptr<ServeContext>& context);
/// /tokenize, /detokenize
std::vector<HttpRoute> token_routes(const std::shared_ptr<ServeContext>& context);
/// /v1/requests/{id}, /v1/requests/{id}/end_thinking
std::vector<HttpRoute> control_routes(const std::shared_ptr<ServeContext>& context);
/// /health, /metrics, /version
std::vector<HttpRoute> status_routes(const std::shared_ptr<ServeContext>& context);
/// /openapi.json
std::vector<HttpRoute> openapi_routes(const std::shared_ptr<ServeContext>& context);

}  // namespace r1v

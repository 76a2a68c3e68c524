// The table of routes, and what is counted of them.
#include "serve/routes.h"

#include "serve/handlers.h"
#include "serve/static_files.h"

namespace r1v {

Serving make_serving(const ServedModels& models, const ServeOptions& options, std::function<HttpCounts()> counts) {
  const auto context = std::make_shared<ServeContext>(models, options, std::move(counts));
  Serving serving;
  for (const auto& make : {chat_routes, completions_routes, responses_routes, score_routes, model_routes, token_routes,
                           control_routes, status_routes, openapi_routes}) {
    for (HttpRoute& route : make(context)) serving.routes.push_back(std::move(route));
  }
  for (HttpRoute& route : static_routes(page_assets())) serving.routes.push_back(std::move(route));
  serving.on_finished = [context](const HttpLogEntry& entry) { context->monitor.finished(entry); };
  return serving;
}

}  // namespace r1v

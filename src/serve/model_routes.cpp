// GET /v1/models and one of them.
#include "http/error.h"
#include "serve/handlers.h"

namespace r1v {
namespace {

Json model_json(const ServedModel& model) {
  const bool answers = model.generator != nullptr;
  const ServedModelFacts& facts = answers ? model.generator->facts() : model.scorer->facts();
  return {{"id", model.name},
          {"object", "model"},
          {"created", model.created},
          {"owned_by", "r1v"},
          {"max_model_len", facts.context},
          {"architecture", facts.architecture},
          {"answers", answers},
          {"scores", !answers},
          {"sees", facts.sees}};
}

}  // namespace

std::vector<HttpRoute> model_routes(const std::shared_ptr<ServeContext>& context) {
  const auto all = [context](const std::shared_ptr<HttpExchange>& exchange) {
    Json data = Json::array();
    for (const ServedModel& model : context->models.list()) data.push_back(model_json(model));
    exchange->reply({.body = dump_json({{"object", "list"}, {"data", std::move(data)}})});
  };
  const auto one = [context](const std::shared_ptr<HttpExchange>& exchange) {
    const std::string& name = exchange->request().parameters.at("id");
    for (const ServedModel& model : context->models.list()) {
      if (model.name == name) return exchange->reply({.body = dump_json(model_json(model))});
    }
    throw HttpError(404, "model_not_found", cat("there is no model \"", printable(name), "\"; /v1/models lists them"),
                    "model");
  };
  return {{.method = "GET", .pattern = "/v1/models", .handler = all},
          {.method = "GET", .pattern = "/v1/models/{id}", .handler = one}};
}

}  // namespace r1v

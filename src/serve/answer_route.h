// A route that answers, whole or in pieces: chat, completions and responses differ in what they read and write.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "http/exchange.h"
#include "serve/answer_relay.h"
#include "serve/shape.h"

namespace r1v {

struct AnswerRoute {
  std::string pattern;
  Shape shape;               // of the body
  std::string prompt_param;  // the field that holds what is asked
  /// Fills in the questions of a plan that has its model. throws HttpError.
  std::function<void(const Json& body, const HttpRequest& request, ServeContext& context, AnswerPlan& plan)>
      read_questions;
  std::function<std::unique_ptr<AnswerFormat>(FormatOptions options, const Json& body, const AnswerPlan& plan)>
      make_format;
};

/// One POST route.
std::vector<HttpRoute> answer_routes(const std::shared_ptr<ServeContext>& context, AnswerRoute route);

}  // namespace r1v

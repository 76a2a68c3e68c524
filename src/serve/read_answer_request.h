// What the routes that answer have in common: from a checked body to a question.
#pragma once

#include <string>

#include "serve/answer_relay.h"
#include "serve/context.h"

namespace r1v {

/// How the three routes name the same things.
struct AnswerNames {
  std::string messages = "messages";
  const char* length = "max_completion_tokens";
  std::string effort;  // none of them
  std::string effort_param = "reasoning_effort";
};

/// Everything of a question but its conversation, text or ids. throws HttpError 400.
ModelQuestion read_question(const Json& body, const AnswerNames& names, const ServedModel& model,
                            const HttpRequest& request, ServeContext& context);

/// best_of, reward_model and choose. throws HttpError 400, 404.
BestOfPlan read_best_of(const Json& body, const ServeContext& context);

/// throws HttpError 400: pictures for a model that sees none.
void expect_eyes(const ServedModel& model, const Conversation& conversation);

}  // namespace r1v

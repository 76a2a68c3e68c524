// POST /v1/chat/completions: a conversation with pictures, answered whole or in pieces.
#include "serve/answer_route.h"
#include "serve/body.h"
#include "serve/chat_format.h"
#include "serve/handlers.h"
#include "serve/read_answer_request.h"
#include "serve/read_messages.h"
#include "serve/request_shapes.h"

namespace r1v {
namespace {

void read_logprobs(const Json& body, SamplingParams& params) {
  const bool is_wanted = bool_of(body, "logprobs", false);
  const Json* top = field_of(body, "top_logprobs");
  if (top != nullptr && !is_wanted) refuse_value("top_logprobs", "needs logprobs to be true");
  if (is_wanted) params.top_logprobs = integer_of(body, "top_logprobs", 0);
}

void read_count(const Json& body, const BestOfPlan& best_of, SamplingParams& params) {
  params.n = integer_of(body, "n", 1);
  if (best_of.count > 0) {
    if (params.n != 1) refuse_value("n", "is not 1; best_of gives one answer, its candidates beside it");
    params.n = best_of.count;
  }
  if (params.n == 1 || params.temperature != 0.0) return;
  if (best_of.count > 0 && field_of(body, "temperature") != nullptr) {
    refuse_value("temperature", "is 0, so that all candidates of best_of would be the same");
  }
  // Several answers are asked for because they differ; a greedy checkpoint's wish is about one.
  if (field_of(body, "temperature") == nullptr) params.temperature = 1.0;
}

void read_questions(const Json& body, const HttpRequest& request, ServeContext& context, AnswerPlan& plan) {
  plan.best_of = read_best_of(body, context);
  const AnswerNames names = {.effort = text_of(body, "reasoning_effort")};
  ModelQuestion question = read_question(body, names, plan.model, request, context);
  read_count(body, plan.best_of, question.sampling);
  read_logprobs(body, question.sampling);
  question.sampling.grammar =
      context.grammars.read(field_of(body, "response_format"), "response_format", *plan.model.generator);
  // The judge holds the pictures once a candidate.
  RequestPictures pictures(context.options, plan.best_of.judge == nullptr ? 1 : plan.best_of.count + 1);
  bool all_low = false;
  question.conversation = read_messages(body.at("messages"), names.messages, pictures, all_low);
  if (all_low && question.max_tiles == 0) question.max_tiles = 1;
  expect_eyes(plan.model, question.conversation);
  plan.questions.push_back(std::move(question));
}

std::unique_ptr<AnswerFormat> make_format(FormatOptions options, const Json&, const AnswerPlan&) {
  return std::make_unique<ChatFormat>(std::move(options));
}

}  // namespace

std::vector<HttpRoute> chat_routes(const std::shared_ptr<ServeContext>& context) {
  return answer_routes(context, {.pattern = "/v1/chat/completions",
                                 .shape = chat_shape(context->options.limits),
                                 .prompt_param = "messages",
                                 .read_questions = read_questions,
                                 .make_format = make_format});
}

}  // namespace r1v

// From the body to the relay, the same for all of them.
#include "serve/answer_route.h"

#include "base/clock.h"
#include "serve/body.h"

namespace r1v {
namespace {

/// What a stream alone has, refused elsewhere.
void check_stream_fields(const Json& body) {
  if (bool_of(body, "stream", false)) return;
  if (field_of(body, "stream_options") != nullptr) refuse_value("stream_options", "is for streams; stream is not true");
  if (bool_of(body, "return_progress", false)) refuse_value("return_progress", "is for streams; stream is not true");
}

bool wants_usage(const Json& body) {
  const Json* options = field_of(body, "stream_options");
  return options != nullptr && bool_of(*options, "include_usage", false);
}

/// For the log: the messages' text, pictures as marks.
std::string logged_prompt(const ModelQuestion& question) {
  std::string out = question.text;
  for (const Message& message : question.conversation.messages) {
    out += cat(out.empty() ? "" : "\n", message.role, ": ");
    for (const Part& part : message.parts) out += part.kind == Part::Kind::picture ? "<picture>" : part.text;
  }
  return out;
}

AnswerPlan read_plan(const AnswerRoute& route, const Json& body, const HttpRequest& request, ServeContext& context) {
  AnswerPlan plan{.model = context.models.generator(text_of(body, "model")),
                  .is_stream = bool_of(body, "stream", false),
                  .returns_progress = bool_of(body, "return_progress", false),
                  .prompt_param = route.prompt_param};
  check_stream_fields(body);
  route.read_questions(body, request, context, plan);
  if (context.options.logs_prompts) plan.prompt = logged_prompt(plan.questions.front());
  return plan;
}

FormatOptions format_options(const Json& body, const HttpRequest& request, const AnswerPlan& plan) {
  const SamplingParams& sampling = plan.questions.front().sampling;
  return {.request_id = request.id,
          .model = plan.model.name,
          .created = static_cast<int64_t>(unix_time_s()),
          .tokenizer = &plan.model.generator->tokenizer(),
          .choices = plan.questions.size() * static_cast<size_t>(sampling.n),
          .has_logprobs = sampling.top_logprobs.has_value(),
          .includes_usage = wants_usage(body),
          .best_of = plan.best_of};
}

}  // namespace

std::vector<HttpRoute> answer_routes(const std::shared_ptr<ServeContext>& context, AnswerRoute route) {
  const auto shared = std::make_shared<const AnswerRoute>(std::move(route));
  const auto handle = [context, shared](std::shared_ptr<HttpExchange> exchange) {
    const HttpRequest& request = exchange->request();
    const Json body = read_body(request, shared->shape, context->options.limits);
    AnswerPlan plan = read_plan(*shared, body, request, *context);
    auto format = shared->make_format(format_options(body, request, plan), body, plan);
    std::make_shared<AnswerRelay>(context, std::move(exchange), std::move(plan), std::move(format))->start();
  };
  return {{.method = "POST",
           .pattern = shared->pattern,
           .handler = handle,
           .is_work = true,
           .max_body_bytes = context->options.limits.max_body_bytes}};
}

}  // namespace r1v

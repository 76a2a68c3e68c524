// POST /v1/responses: the same questions in OpenAI's newer form, without anything kept between them.
#include "serve/answer_route.h"
#include "serve/body.h"
#include "serve/handlers.h"
#include "serve/read_answer_request.h"
#include "serve/read_messages.h"
#include "serve/request_shapes.h"
#include "serve/responses_format.h"

namespace r1v {
namespace {

/// A content part in chat's form.
Json chat_part(const Json& part) {
  if (part.at("type") != "input_image") return {{"type", "text"}, {"text", part.at("text")}};
  Json url = {{"url", part.at("image_url")}};
  if (const Json* detail = field_of(part, "detail")) url["detail"] = *detail;
  return {{"type", "image_url"}, {"image_url", std::move(url)}};
}

Json chat_message(const Json& item, const std::string& where) {
  const bool is_assistant = item.at("role") == "assistant";
  Json message = {{"role", item.at("role")}};
  const Json& content = item.at("content");
  if (content.is_string()) {
    message["content"] = content;
    return message;
  }
  message["content"] = Json::array();
  for (size_t i = 0; i < content.size(); ++i) {
    const Json& part = content[i];
    const bool fits = part.at("type") == (is_assistant ? "output_text" : "input_text") ||
                      (item.at("role") == "user" && part.at("type") == "input_image");
    if (!fits) {
      refuse_value(cat(where, ".content[", i, "].type"), cat("is ", part.at("type").get<std::string>(), ", which the ",
                                                             item.at("role").get<std::string>(), " does not say"));
    }
    message["content"].push_back(chat_part(part));
  }
  return message;
}

std::string thoughts_of(const Json& item) {
  std::string thoughts;
  if (const Json* content = field_of(item, "content")) {
    for (const Json& part : *content) thoughts += part.at("text").get<std::string>();
  }
  return thoughts;
}

/// The conversation as chat's messages; thinking goes to the answer behind it.
Json chat_messages(const Json& body) {
  Json messages = Json::array();
  if (const Json* instructions = field_of(body, "instructions")) {
    messages.push_back({{"role", "system"}, {"content", *instructions}});
  }
  const Json& input = body.at("input");
  if (input.is_string()) {
    messages.push_back({{"role", "user"}, {"content", input}});
    return messages;
  }
  std::string thoughts;
  for (size_t i = 0; i < input.size(); ++i) {
    const Json& item = input[i];
    if (text_of(item, "type") == "reasoning") {
      thoughts += thoughts_of(item);
      continue;
    }
    messages.push_back(chat_message(item, cat("input[", i, "]")));
    if (!thoughts.empty() && item.at("role") == "assistant") messages.back()["reasoning_content"] = thoughts;
    thoughts.clear();
  }
  if (messages.empty()) refuse_value("input", "holds no message");
  return messages;
}

void read_logprobs(const Json& body, SamplingParams& params) {
  const Json* include = field_of(body, "include");
  const Json* top = field_of(body, "top_logprobs");
  const bool is_wanted = include != nullptr && !include->empty();
  if (top != nullptr && integer_of(*top) > 0 && !is_wanted) {
    refuse_value("top_logprobs", "needs include to hold message.output_text.logprobs");
  }
  if (is_wanted) params.top_logprobs = integer_of(body, "top_logprobs", 0);
}

void read_questions(const Json& body, const HttpRequest& request, ServeContext& context, AnswerPlan& plan) {
  const Json* reasoning = field_of(body, "reasoning");
  const Json* text = field_of(body, "text");
  const AnswerNames names = {.messages = "input",
                             .length = "max_output_tokens",
                             .effort = reasoning == nullptr ? "" : text_of(*reasoning, "effort"),
                             .effort_param = "reasoning.effort"};
  ModelQuestion question = read_question(body, names, plan.model, request, context);
  read_logprobs(body, question.sampling);
  question.sampling.grammar = context.grammars.read(text == nullptr ? nullptr : field_of(*text, "format"),
                                                    "text.format", *plan.model.generator);
  RequestPictures pictures(context.options);
  bool all_low = false;
  question.conversation = read_messages(chat_messages(body), names.messages, pictures, all_low);
  if (all_low && question.max_tiles == 0) question.max_tiles = 1;
  expect_eyes(plan.model, question.conversation);
  plan.questions.push_back(std::move(question));
}

/// What the response repeats of the request; clients read these fields.
Json echo_of(const Json& body, const SamplingParams& sampling) {
  const auto given = [&](const char* name, Json otherwise) {
    const Json* field = field_of(body, name);
    return field == nullptr ? otherwise : *field;
  };
  return {{"instructions", given("instructions", nullptr)},
          {"max_output_tokens", given("max_output_tokens", nullptr)},
          {"metadata", given("metadata", Json::object())},
          {"parallel_tool_calls", false},
          {"previous_response_id", nullptr},
          {"reasoning", given("reasoning", {{"effort", nullptr}, {"summary", nullptr}})},
          {"store", false},
          {"temperature", sampling.temperature},
          {"text", given("text", {{"format", {{"type", "text"}}}})},
          {"tool_choice", "none"},
          {"tools", Json::array()},
          {"top_logprobs", given("top_logprobs", 0)},
          {"top_p", sampling.top_p},
          {"truncation", "disabled"},
          {"user", given("user", nullptr)}};
}

std::unique_ptr<AnswerFormat> make_format(FormatOptions options, const Json& body, const AnswerPlan& plan) {
  return std::make_unique<ResponsesFormat>(std::move(options), echo_of(body, plan.questions.front().sampling));
}

}  // namespace

std::vector<HttpRoute> responses_routes(const std::shared_ptr<ServeContext>& context) {
  return answer_routes(context, {.pattern = "/v1/responses",
                                 .shape = responses_shape(context->options.limits),
                                 .prompt_param = "input",
                                 .read_questions = read_questions,
                                 .make_format = make_format});
}

}  // namespace r1v

// POST /v1/score: conversations in, the reward model's word on each last answer out.
#include "base/clock.h"
#include "serve/body.h"
#include "serve/handlers.h"
#include "serve/json_text.h"
#include "serve/read_answer_request.h"
#include "serve/read_messages.h"
#include "serve/refusal.h"
#include "serve/request_shapes.h"

namespace r1v {
namespace {

void expect_forms(const Json& body) {
  const auto has = [&](const char* name) { return field_of(body, name) != nullptr; };
  const int forms = has("question") + has("messages") + has("conversations");
  if (forms != 1) refuse_value("question", "or messages or conversations is needed; exactly one of them");
  if (has("conversations") && has("answers")) {
    refuse_value("answers", "belong to question or messages; conversations hold theirs");
  }
  if (!has("conversations") && !has("answers")) refuse_value("answers", "are missing");
}

void expect_answer(const Conversation& conversation, const std::string& where) {
  const Message& last = conversation.messages.back();
  if (last.role != "assistant") refuse_value(where, "does not end with the assistant's answer");
  for (const Part& part : last.parts) {
    if (part.text.find_first_not_of(" \t\r\n") != std::string::npos) return;
  }
  refuse_value(where, "ends with an empty answer");
}

std::vector<Conversation> read_answers(const Json& body, const ServeOptions& options) {
  const Json& answers = body.at("answers");
  RequestPictures pictures(options, static_cast<int64_t>(answers.size()));
  Conversation question;
  if (const Json* text = field_of(body, "question")) {
    Message asked{.role = "user", .extra = Json::object()};
    asked.parts.push_back({.text = text->get<std::string>()});
    question.messages.push_back(std::move(asked));
  } else {
    bool all_low = false;
    question = read_messages(body.at("messages"), "messages", pictures, all_low);
    if (all_low) refuse_value("messages", "asks for detail \"low\"; a judge sees pictures as it learnt to");
    if (question.messages.back().role == "assistant") {
      refuse_value("messages", "ends with an answer; put it into answers, or send conversations");
    }
  }
  std::vector<Conversation> conversations;
  for (size_t i = 0; i < answers.size(); ++i) {
    Conversation& whole = conversations.emplace_back(question);
    Message answer{.role = "assistant", .extra = Json::object()};
    answer.parts.push_back({.text = answers[i].get<std::string>()});
    whole.messages.push_back(std::move(answer));
    expect_answer(whole, cat("answers[", i, "]"));
  }
  return conversations;
}

std::vector<Conversation> read_conversations(const Json& list, const ServeOptions& options) {
  RequestPictures pictures(options);  // all conversations together
  std::vector<Conversation> conversations;
  for (size_t i = 0; i < list.size(); ++i) {
    const std::string where = cat("conversations[", i, "].messages");
    bool all_low = false;
    conversations.push_back(read_messages(list[i].at("messages"), where, pictures, all_low));
    if (all_low) refuse_value(where, "asks for detail \"low\"; a judge sees pictures as it learnt to");
    expect_answer(conversations.back(), where);
  }
  return conversations;
}

std::string score_body(const std::string& request_id, const std::string& model, const ScoreResult& result) {
  std::string out = "{\"id\":";
  append_quoted("score-" + request_id, out);
  out += cat(",\"object\":\"list\",\"created\":", static_cast<int64_t>(unix_time_s()), ",\"model\":");
  append_quoted(model, out);
  out += ",\"data\":[";
  for (size_t i = 0; i < result.scores.size(); ++i) {
    out += cat(i > 0 ? "," : "", "{\"index\":", i, ",\"object\":\"score\",\"score\":");
    append_number(result.scores[i], out);
    out += '}';
  }
  const Usage& usage = result.usage;
  out += cat("],\"usage\":{\"prompt_tokens\":", usage.prompt_tokens, ",\"total_tokens\":", usage.prompt_tokens,
             ",\"prompt_tokens_details\":{\"cached_tokens\":", usage.cached_tokens,
             ",\"image_tokens\":", usage.image_tokens, "}}}");
  return out;
}

/// One request under way; done or failed tells the client, on the compute thread.
struct Scoring {
  std::shared_ptr<ServeContext> context;
  std::shared_ptr<HttpExchange> exchange;
  std::string model;
  std::shared_ptr<RunningAnswer> running = std::make_shared<RunningAnswer>();
  std::shared_ptr<void> registration;
  double start_s = monotonic_s();

  void done(const ScoreResult& result) {
    registration.reset();
    context->monitor.answered(exchange->request().number, {.model = model,
                                                           .prompt_tokens = result.usage.prompt_tokens,
                                                           .image_tokens = result.usage.image_tokens,
                                                           .cached_tokens = result.usage.cached_tokens,
                                                           .samples = static_cast<int64_t>(result.scores.size()),
                                                           .answer_s = monotonic_s() - start_s});
    exchange->reply({.body = score_body(exchange->request().id, model, result)});
  }

  void failed(NoScores why, const std::string& message) {
    registration.reset();
    context->monitor.answered(exchange->request().number, {.model = model, .answer_s = monotonic_s() - start_s});
    exchange->reply(error_reply(error_of(why, message)));
  }

  HttpError error_of(NoScores why, const std::string& message) const {
    if (why == NoScores::closing) return shutting_down();
    if (why == NoScores::failed) return http_error_of(message, /*is_their_fault=*/false);
    if (running->cut_by() != CutBy::time) return {409, "request_cancelled", "the scoring was ended before it was done"};
    return {503, "timeout",
            cat("the scoring took longer than the ", context->options.limits.max_seconds,
                " s that a request may take; send fewer conversations")};
  }
};

void expect_eyes(const ServedModel& model, const std::vector<Conversation>& conversations) {
  for (const Conversation& conversation : conversations) {
    if (!model.scorer->facts().sees && !conversation.pictures.empty()) {
      refuse_value("model", cat("is ", model.name, ", which sees no pictures"));
    }
  }
}

}  // namespace

std::vector<HttpRoute> score_routes(const std::shared_ptr<ServeContext>& context) {
  const auto shape = std::make_shared<const Shape>(score_shape(context->options.limits));
  const auto handle = [context, shape](const std::shared_ptr<HttpExchange>& exchange) {
    const HttpRequest& request = exchange->request();
    const Json body = read_body(request, *shape, context->options.limits);
    expect_forms(body);
    const ServedModel model = context->models.scorer(text_of(body, "model"), "model");
    const Json* list = field_of(body, "conversations");
    std::vector<Conversation> conversations =
        list == nullptr ? read_answers(body, context->options) : read_conversations(*list, context->options);
    expect_eyes(model, conversations);
    const auto scoring =
        std::make_shared<Scoring>(Scoring{.context = context, .exchange = exchange, .model = model.name});
    scoring->registration =
        context->running.add(request.key_name, request.id, scoring->running, context->options.limits.max_seconds);
    try {
      scoring->running->add(model.scorer->score(
          std::move(conversations), [scoring](const ScoreResult& result) { scoring->done(result); },
          [scoring](NoScores why, const std::string& message) { scoring->failed(why, message); }));
      exchange->on_gone([running = scoring->running] { running->cut(CutBy::gone); });
    } catch (const InputError& error) {
      throw http_error_of(error);
    }
  };
  return {{.method = "POST",
           .pattern = "/v1/score",
           .handler = handle,
           .is_work = true,
           .max_body_bytes = context->options.limits.max_body_bytes}};
}

}  // namespace r1v

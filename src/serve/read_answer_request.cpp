// Order: what is said twice, what contradicts itself, what the model cannot do.
#include "serve/read_answer_request.h"

#include "base/clock.h"
#include "serve/body.h"
#include "serve/read_messages.h"
#include "serve/read_sampling.h"

namespace r1v {
namespace {

void read_length(const Json& body, const AnswerNames& names, const ServedModelFacts& facts, const ServeLimits& limits,
                 SamplingParams& params) {
  const Json* asked = field_of(body, names.length);
  const Json* other = field_of(body, "max_tokens");
  const bool is_other = asked != other && other != nullptr;
  if (asked != nullptr && is_other && *asked != *other) {
    refuse_value("max_tokens", cat("and ", names.length, " limit the same and differ; give one of them"));
  }
  const Json* said = asked != nullptr ? asked : other;
  const std::optional<int64_t> length = said == nullptr ? std::nullopt : std::optional(integer_of(*said));
  set_length(params, length, asked != nullptr ? names.length : "max_tokens", facts, limits);
}

const char* rule_name(ElectionRule rule) {
  switch (rule) {
    case ElectionRule::judge:
      return "judge";
    case ElectionRule::vote:
      return "vote";
    case ElectionRule::weighted:
      return "weighted";
  }
  return "";
}

}  // namespace

ModelQuestion read_question(const Json& body, const AnswerNames& names, const ServedModel& model,
                            const HttpRequest& request, ServeContext& context) {
  const ServedModelFacts& facts = model.generator->facts();
  ModelQuestion question;
  SamplingParams& params = question.sampling;
  params = read_sampling(body, facts, context.next_seed());
  read_length(body, names, facts, context.options.limits, params);
  const ThinkingWish thinking = read_thinking(body, names.effort, names.effort_param);
  question.thinking = thinking.is_enabled;
  const bool leaves_room = thinking.budget < params.max_tokens;
  if (!leaves_room && !thinking.is_budget_soft) {
    refuse_value("thinking.budget_tokens", cat("is ", thinking.budget, " and leaves no token for the answer within ",
                                               params.max_tokens, " tokens"));
  }
  params.thinking_budget = leaves_room ? thinking.budget : -1;
  question.max_tiles = integer_of(body, "max_tiles", 0);
  question.cache_salt = context.cache_salt(request.key_name);
  return question;
}

BestOfPlan read_best_of(const Json& body, const ServeContext& context) {
  BestOfPlan best_of;
  best_of.count = integer_of(body, "best_of", 0);
  if (best_of.count == 0) {
    for (const char* name : {"reward_model", "choose"}) {
      if (field_of(body, name) != nullptr) refuse_value(name, "belongs to best_of, which is not given");
    }
    return best_of;
  }
  best_of.rule = election_rule(text_of(body, "choose", "judge"));
  best_of.rule_name = rule_name(best_of.rule);
  if (best_of.rule == ElectionRule::vote) {
    if (field_of(body, "reward_model") != nullptr) refuse_value("reward_model", "has no say when choose is vote");
    return best_of;
  }
  const ServedModel judge = context.models.scorer(text_of(body, "reward_model"));
  best_of.judge = judge.scorer;
  best_of.judge_name = judge.name;
  return best_of;
}

void expect_eyes(const ServedModel& model, const Conversation& conversation) {
  if (model.generator->facts().sees || conversation.pictures.empty()) return;
  refuse_value("model", cat("is ", model.name, ", which sees no pictures"));
}

void check_stream_fields(const Json& body) {
  if (bool_of(body, "stream", false)) return;
  if (field_of(body, "stream_options") != nullptr) refuse_value("stream_options", "is for streams; stream is not true");
  if (bool_of(body, "return_progress", false)) refuse_value("return_progress", "is for streams; stream is not true");
}

bool wants_usage(const Json& body) {
  const Json* options = field_of(body, "stream_options");
  return options != nullptr && bool_of(*options, "include_usage", false);
}

FormatOptions format_options(const HttpRequest& request, const AnswerPlan& plan) {
  const SamplingParams& sampling = plan.questions.front().sampling;
  return {.request_id = request.id,
          .model = plan.model.name,
          .created = static_cast<int64_t>(unix_time_s()),
          .tokenizer = &plan.model.generator->tokenizer(),
          .choices = plan.questions.size() * static_cast<size_t>(sampling.n),
          .has_logprobs = sampling.top_logprobs.has_value(),
          .best_of = plan.best_of};
}

std::string logged_prompt(const ModelQuestion& question, const ServeOptions& options) {
  if (!options.logs_prompts) return "";
  std::string out = question.text;
  for (const Message& message : question.conversation.messages) {
    out += cat(out.empty() ? "" : "\n", message.role, ": ");
    for (const Part& part : message.parts) out += part.kind == Part::Kind::picture ? "<picture>" : part.text;
  }
  return out;
}

}  // namespace r1v

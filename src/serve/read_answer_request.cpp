// Order: what is said twice, what contradicts itself, what the model cannot do.
#include "serve/read_answer_request.h"

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

}  // namespace r1v

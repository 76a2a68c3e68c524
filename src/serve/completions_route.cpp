// POST /v1/completions: texts (or ids) to go on with, without a chat template.
#include "serve/answer_route.h"
#include "serve/body.h"
#include "serve/completions_format.h"
#include "serve/handlers.h"
#include "serve/read_answer_request.h"
#include "serve/request_shapes.h"

namespace r1v {
namespace {

/// Ids of the vocabulary; control tokens among them are what they say, as the caller spelled them out.
std::vector<int64_t> read_ids(const Json& list, const std::string& where, int64_t vocabulary) {
  std::vector<int64_t> ids;
  for (const Json& entry : list) {
    if (!entry.is_number()) refuse_value(where, "mixes ids with other things");
    ids.push_back(integer_of(entry));
    if (ids.back() >= vocabulary) {
      refuse_value(where, cat("holds the id ", ids.back(), "; the model's go from 0 to ", vocabulary - 1));
    }
  }
  return ids;
}

/// One copy of `common` a prompt.
std::vector<ModelQuestion> read_prompts(const Json& prompt, const ModelQuestion& common, const ServedModelFacts& facts,
                                        int64_t max_prompts) {
  std::vector<ModelQuestion> questions;
  const auto add_text = [&](const Json& text, const std::string& where) {
    if (text.get_ref<const std::string&>().empty()) refuse_value(where, "is empty");
    questions.push_back(common);
    questions.back().text = text.get<std::string>();
  };
  const auto add_ids = [&](const Json& list, const std::string& where) {
    questions.push_back(common);
    questions.back().ids = read_ids(list, where, facts.vocabulary);
  };
  if (prompt.is_string()) {
    add_text(prompt, "prompt");
  } else if (prompt.front().is_number()) {
    add_ids(prompt, "prompt");
  } else {
    if (static_cast<int64_t>(prompt.size()) > max_prompts) {
      refuse_value("prompt", cat("holds ", prompt.size(), " prompts, expected at most ", max_prompts));
    }
    for (size_t i = 0; i < prompt.size(); ++i) {
      const std::string where = cat("prompt[", i, "]");
      if (prompt[i].type() != prompt.front().type()) refuse_value(where, "is of another kind than its neighbours");
      prompt[i].is_string() ? add_text(prompt[i], where) : add_ids(prompt[i], where);
    }
  }
  return questions;
}

void read_questions(const Json& body, const HttpRequest& request, ServeContext& context, AnswerPlan& plan) {
  ModelQuestion common = read_question(body, {.length = "max_tokens"}, plan.model, request, context);
  SamplingParams& params = common.sampling;
  params.n = integer_of(body, "n", 1);
  if (const Json* top = field_of(body, "logprobs")) params.top_logprobs = integer_of(*top);
  params.grammar = context.grammars.read(field_of(body, "response_format"), "response_format", *plan.model.generator);
  const int64_t max_choices = context.options.limits.max_n;
  plan.questions = read_prompts(body.at("prompt"), common, plan.model.generator->facts(), max_choices);
  if (static_cast<int64_t>(plan.questions.size()) * params.n > max_choices) {
    refuse_value(
        "n", cat("is ", params.n, " of each of ", plan.questions.size(), " prompts; together at most ", max_choices));
  }
}

std::unique_ptr<AnswerFormat> make_format(FormatOptions options, const Json&, const AnswerPlan&) {
  return std::make_unique<CompletionsFormat>(std::move(options));
}

}  // namespace

std::vector<HttpRoute> completions_routes(const std::shared_ptr<ServeContext>& context) {
  return answer_routes(context, {.pattern = "/v1/completions",
                                 .shape = completions_shape(context->options.limits),
                                 .prompt_param = "prompt",
                                 .read_questions = read_questions,
                                 .make_format = make_format});
}

}  // namespace r1v

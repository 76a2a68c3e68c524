// Every field is always there, or may be left out where it says so.
#include "serve/reply_shapes.h"

namespace r1v {
namespace {

using namespace shapes;

Shape count(std::string text = "") { return integer(std::move(text), 0, 1e15); }
Shape seconds() { return count("seconds since 1970"); }
Shape just(std::string value) { return choice({std::move(value)}); }
Shape real() { return {.kind = Shape::Kind::number}; }

Shape finish_reason() { return choice({"stop", "length"}, "length: the answer is cut off"); }

Shape finish_detail() {
  return choice(
      {"stop", "budget", "length", "loop", "time", "cancelled"},
      "stop: by itself; budget: the same, after its thinking was ended; length: max tokens or context; loop: it "
      "repeated itself; time: the server's limit; cancelled: DELETE /v1/requests/{id}");
}

Shape token(std::string name, bool has_rivals) {
  std::vector<Field> fields = {{"token", string("invalid UTF-8 replaced"), true},
                               {"logprob", real(), true},
                               {"bytes", list(integer("", 0, 255), "the token exactly"), true}};
  if (has_rivals) fields.push_back({"top_logprobs", list(token("RivalToken", false), ""), true});
  return object(std::move(name), std::move(fields));
}

Shape tokens(std::string text) { return list(token("TokenLogprob", true), std::move(text)); }

Shape prompt_details() {
  return object("PromptTokensDetails",
                {{"cached_tokens", count("not computed again"), true}, {"image_tokens", count("of pictures"), true}});
}

Shape usage() {
  return object("Usage",
                {{"prompt_tokens", count(), true},
                 {"completion_tokens", count("thinking included"), true},
                 {"total_tokens", count(), true},
                 {"prompt_tokens_details", prompt_details(), true},
                 {"completion_tokens_details",
                  object("CompletionTokensDetails", {{"reasoning_tokens", count("of the thinking"), true}}), true}});
}

Shape message() {
  return object("AnswerMessage", {{"role", just("assistant"), true},
                                  {"content", string("the answer, without its thinking"), true},
                                  {"refusal", refused("never"), true},
                                  {"reasoning_content", nullable(string("the thinking")), true},
                                  {"reasoning", nullable(string("the same under its other name")), true}});
}

Shape best_of() {
  Shape candidate = object("Candidate", {{"index", count(), true},
                                         {"score", nullable(real()), true},
                                         {"message", message(), true},
                                         {"finish_reason", finish_reason(), true},
                                         {"finish_detail", finish_detail(), true},
                                         {"completion_tokens", count(), true},
                                         {"reasoning_tokens", count(), true}});
  return object("BestOf", {{"chosen", count("the place of the candidate that became choices[0]"), true},
                           {"choose", choice({"judge", "vote", "weighted"}), true},
                           {"reward_model", nullable(string("that judged")), true},
                           {"judged_tokens", count("that it read"), true},
                           {"candidates", list(std::move(candidate), ""), true}});
}

Shape response_usage() {
  return object(
      "ResponseUsage",
      {{"input_tokens", count(), true},
       {"input_tokens_details",
        object("InputTokensDetails", {{"cached_tokens", count(), true}, {"image_tokens", count(), true}}), true},
       {"output_tokens", count(), true},
       {"output_tokens_details", object("OutputTokensDetails", {{"reasoning_tokens", count(), true}}), true},
       {"total_tokens", count(), true}});
}

/// Fields that a reply of the older routes begins with.
std::vector<Field> head(std::string object_name) {
  return {{"id", string(""), true},
          {"object", just(std::move(object_name)), true},
          {"created", seconds(), true},
          {"model", string(""), true}};
}

Shape with(std::string name, std::vector<Field> fields, std::vector<Field> more) {
  fields.insert(fields.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  return object(std::move(name), std::move(fields));
}

}  // namespace

Shape chat_reply_shape() {
  Shape logprobs = object("ChatLogprobs", {{"content", tokens("of the answer"), true},
                                           {"refusal", refused("never"), true},
                                           {"reasoning_content", tokens("of the thinking"), true}});
  Shape one = object("ChatChoice", {{"index", count(), true},
                                    {"message", message(), true},
                                    {"logprobs", nullable(std::move(logprobs)), true},
                                    {"finish_reason", finish_reason(), true},
                                    {"finish_detail", finish_detail(), true}});
  return with("ChatCompletion", head("chat.completion"),
              {{"choices", list(std::move(one), ""), true}, {"usage", usage(), true}, {"best_of", best_of()}});
}

Shape completions_reply_shape() {
  Shape rivals = {.kind = Shape::Kind::map, .items = {real()}};
  Shape logprobs = object("CompletionLogprobs", {{"tokens", list(string(""), ""), true},
                                                 {"token_logprobs", list(real(), ""), true},
                                                 {"top_logprobs", list(std::move(rivals), ""), true},
                                                 {"text_offset", list(count(), "in characters of the text"), true}});
  Shape one = object("CompletionChoice", {{"index", count(), true},
                                          {"text", string(""), true},
                                          {"reasoning_content", string("")},
                                          {"reasoning", string("")},
                                          {"logprobs", nullable(std::move(logprobs)), true},
                                          {"finish_reason", finish_reason(), true},
                                          {"finish_detail", finish_detail(), true}});
  return with("TextCompletion", head("text_completion"),
              {{"choices", list(std::move(one), ""), true}, {"usage", usage(), true}});
}

Shape responses_reply_shape() {
  Shape text = object("OutputTextPart", {{"type", just("output_text"), true},
                                         {"text", string(""), true},
                                         {"annotations", list(Shape{}, "", 0, 0), true},
                                         {"logprobs", tokens(""), true}});
  Shape thought = object("ReasoningTextPart", {{"type", just("reasoning_text"), true}, {"text", string(""), true}});
  const Shape status = choice({"completed", "incomplete"});
  Shape answer = object("MessageItem", {{"id", string(""), true},
                                        {"type", just("message"), true},
                                        {"status", status, true},
                                        {"role", just("assistant"), true},
                                        {"content", list(std::move(text), ""), true}});
  Shape thinking = object("ThinkingItem", {{"id", string(""), true},
                                           {"type", just("reasoning"), true},
                                           {"status", status, true},
                                           {"summary", list(Shape{}, "", 0, 0), true},
                                           {"content", list(std::move(thought), ""), true}});
  Shape details = object("IncompleteDetails", {{"reason", just("max_output_tokens"), true}});
  std::vector<Field> fields = {{"id", string(""), true},
                               {"object", just("response"), true},
                               {"created_at", seconds(), true},
                               {"status", status, true},
                               {"model", string(""), true},
                               {"error", refused("a failure is an HTTP error"), true},
                               {"incomplete_details", nullable(std::move(details)), true}};
  for (const char* name :
       {"instructions", "max_output_tokens", "metadata", "parallel_tool_calls", "previous_response_id", "reasoning",
        "store", "temperature", "text", "tool_choice", "tools", "top_logprobs", "top_p", "truncation", "user"}) {
    fields.push_back({name, Shape{.text = "as the request says"}, true});
  }
  return with(
      "Response", std::move(fields),
      {{"output", list(either({std::move(thinking), std::move(answer)}, "", "type"), "the thinking, then the message"),
        true},
       {"usage", response_usage(), true},
       {"finish_detail", finish_detail(), true}});
}

Shape score_reply_shape() {
  Shape one = object("Score", {{"index", count(), true}, {"object", just("score"), true}, {"score", real(), true}});
  Shape spent = object("ScoreUsage", {{"prompt_tokens", count(), true},
                                      {"total_tokens", count(), true},
                                      {"prompt_tokens_details", prompt_details(), true}});
  return with("Scores", head("list"),
              {{"data", list(std::move(one), "in the order of the request"), true}, {"usage", std::move(spent), true}});
}

Shape model_reply_shape() {
  return object("Model", {{"id", string(""), true},
                          {"object", just("model"), true},
                          {"created", seconds(), true},
                          {"owned_by", string(""), true},
                          {"max_model_len", count("tokens of context"), true},
                          {"architecture", string(""), true},
                          {"answers", boolean("takes chats, completions and responses"), true},
                          {"scores", boolean("takes /v1/score, and judges best_of"), true},
                          {"sees", boolean("takes pictures"), true}});
}

Shape models_reply_shape() {
  return object("ModelList", {{"object", just("list"), true}, {"data", list(model_reply_shape(), ""), true}});
}

Shape tokenize_reply_shape() {
  return object("Tokens", {{"count", count(), true},
                           {"max_model_len", count(), true},
                           {"tokens", list(count(), ""), true},
                           {"token_strs", nullable(list(string(""), "")), true}});
}

Shape detokenize_reply_shape() { return object("Detokenized", {{"prompt", string("invalid UTF-8 replaced"), true}}); }

Shape control_reply_shape() {
  return object("Controlled", {{"id", string(""), true},
                               {"object", just("request"), true},
                               {"thinking_ended", boolean("")},
                               {"deleted", boolean("")}});
}

Shape health_reply_shape() { return object("Health", {{"status", choice({"ok", "loading"}), true}}); }

Shape version_reply_shape() { return object("Version", {{"version", string(""), true}}); }

Shape error_reply_shape() {
  Shape error = object("Error", {{"message", string("what was found, what is expected"), true},
                                 {"type", string("invalid_request_error, rate_limit_error, server_error, ..."), true},
                                 {"param", nullable(string("the field of the request, as messages[0].content")), true},
                                 {"code", nullable(string("unknown_parameter, invalid_value, ...")), true}});
  return object("ErrorReply", {{"error", std::move(error), true}});
}

}  // namespace r1v

// The bodies of the routes besides chat.
#include "serve/request_shapes.h"

namespace r1v {
namespace {

using namespace shapes;

constexpr double kMaxTokens = 1 << 30;

void append(std::vector<Field>& to, std::vector<Field> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

Shape token_ids(std::string text, size_t max_size) {
  return list(integer("", 0, 1 << 30), std::move(text), 1, max_size);
}

/// A message of a responses request, or of an answer that comes back.
Shape input_message() {
  Shape input_text = object("InputText", {{"type", choice({"input_text"}), true}, {"text", string(""), true}});
  Shape picture = object("InputImage", {{"type", choice({"input_image"}), true},
                                        {"image_url", string("a data URL, or what else the server allows"), true},
                                        {"detail", choice({"auto", "low", "high"})},
                                        {"file_id", refused("no files are kept")}});
  Shape output_text = object("OutputText", {{"type", choice({"output_text"}), true},
                                            {"text", string(""), true},
                                            {"annotations", Shape{}},
                                            {"logprobs", Shape{}}});
  return object(
      "InputMessage",
      {{"type", choice({"message"})},
       {"id", string("", 256)},
       {"status", string("", 64)},
       {"role", choice({"user", "assistant", "system", "developer"}), true},
       {"content", either({string(""), list(either({input_text, picture, output_text}, "", "type"), "", 1)}, ""),
        true}});
}

/// Thinking that comes back.
Shape reasoning_item() {
  Shape part = object("ReasoningText", {{"type", choice({"reasoning_text"}), true}, {"text", string(""), true}});
  return object("ReasoningItem", {{"type", choice({"reasoning"}), true},
                                  {"id", string("", 256)},
                                  {"status", string("", 64)},
                                  {"summary", list(Shape{}, "not read", 0, 0)},
                                  {"content", list(std::move(part), "")},
                                  {"encrypted_content", refused("thinking is not encrypted here")}});
}

}  // namespace

Shape empty_shape() { return object("Nothing", {}, "nothing, or {}"); }

Shape completions_shape(const ServeLimits& limits) {
  const auto max_prompts = static_cast<size_t>(limits.max_n);
  const double max_n = static_cast<double>(limits.max_n);
  Shape prompt = either(
      {string(""), list(either({string(""), integer("", 0, 1 << 30), token_ids("", 1 << 20)}, ""), "", 1, 1 << 20)},
      cat("a text, a list of texts, the ids of a text, or a list of such lists; at most ", max_prompts,
          " prompts; control tokens in a text are plain text"));
  std::vector<Field> fields = {
      {"model", string("one of /v1/models; left out: the first that answers", 256)},
      {"prompt", std::move(prompt), true},
      {"max_tokens", integer("of each completion", 1, kMaxTokens)},
      {"n", integer("so many completions of each prompt", 1, max_n)},
      {"logprobs", integer("reports every token with so many likeliest ones beside it", 0,
                           static_cast<double>(limits.max_top_logprobs))},
      {"stream_options",
       object("StreamOptions", {{"include_usage", boolean("a last chunk with the usage")}}, "with stream")},
      {"response_format", response_format_shape()},
      {"echo", refused("the prompt is not sent back")},
      {"suffix", refused("the models of the family write forwards only")},
      {"best_of", refused("ask /v1/chat/completions, where a reward model judges")}};
  append(fields, sampling_fields(limits));
  append(fields, bystander_fields());
  return object("CompletionsRequest", std::move(fields));
}

Shape score_shape(const ServeLimits& limits) {
  Shape whole = object("ScoredConversation", {{"messages", messages_shape(limits), true}},
                       "a conversation whose last message is the assistant's answer");
  std::vector<Field> fields = {
      {"model", string("one of /v1/models; left out: the first that scores", 256)},
      {"question", string("asked by the user alone; with answers")},
      {"messages", messages_shape(limits)},
      {"answers", list(string(""), "answers to the question, or to the last message", 1, limits.max_scored)},
      {"conversations", list(std::move(whole), "whole conversations instead", 1, limits.max_scored)}};
  append(fields, {bystander_fields().front()});
  return object("ScoreRequest", std::move(fields), "question and answers, or messages and answers, or conversations");
}

Shape tokenize_shape(const ServeLimits& limits) {
  return object(
      "TokenizeRequest",
      {{"model", string("one of /v1/models; left out: the first that answers", 256)},
       {"prompt", string("a text; or messages instead")},
       {"messages", messages_shape(limits)},
       {"parse_special", boolean("with prompt: control tokens in it are such; left out: they are plain text")},
       {"return_token_strs", boolean("the tokens' texts too")},
       {"add_generation_prompt", boolean("with messages; left out: true")},
       {"chat_template_kwargs",
        object("ChatTemplateKwargs", {{"enable_thinking", boolean("as thinking.enabled")}}, "with messages")},
       {"add_special_tokens",
        [] {
          Shape only_false = boolean("tokens are those of the text alone");
          only_false.only = false;
          return only_false;
        }()}},
      "prompt or messages");
}

Shape detokenize_shape(const ServeLimits&) {
  return object("DetokenizeRequest", {{"model", string("one of /v1/models; left out: the first that answers", 256)},
                                      {"tokens", list(integer("", 0, 1 << 30), "token ids", 0, 1 << 20), true}});
}

Shape responses_shape(const ServeLimits& limits) {
  Shape text =
      object("TextOptions", {{"format", responses_format_shape()}, {"verbosity", refused("say it in the prompt")}});
  const std::string stateless = "this server keeps no answers; send the whole conversation as input";
  std::vector<Field> fields = {
      {"model", string("one of /v1/models; left out: the first that answers", 256)},
      {"input",
       either({string(""), list(either({input_message(), reasoning_item()}, "", "type"), "", 1, limits.max_messages)},
              "a question, or a conversation"),
       true},
      {"instructions", string("a system message in front")},
      {"max_output_tokens", integer("of the answer, thinking included", 1, kMaxTokens)},
      {"reasoning", object("ReasoningOptions", {{"effort", choice({"none", "minimal", "low", "medium", "high"},
                                                                  "as reasoning_effort of chat")},
                                                {"summary", refused("the thinking itself is sent")},
                                                {"generate_summary", refused("the thinking itself is sent")}})},
      {"text", std::move(text)},
      {"top_logprobs",
       integer("with include message.output_text.logprobs", 0, static_cast<double>(limits.max_top_logprobs))},
      {"include", list(choice({"message.output_text.logprobs"}), "")},
      {"truncation", choice({"disabled"}, "a conversation that does not fit is refused")},
      {"previous_response_id", refused(stateless)},
      {"conversation", refused(stateless)},
      {"prompt", refused("there are no stored prompts")},
      {"background", refused("answers are given at once")},
      {"tools", refused("this server calls no tools")},
      {"tool_choice", refused("this server calls no tools")},
      {"parallel_tool_calls", refused("this server calls no tools")},
      {"max_tool_calls", refused("this server calls no tools")}};
  append(fields, sampling_fields(limits));
  append(fields, bystander_fields());
  return object("ResponsesRequest", std::move(fields));
}

}  // namespace r1v

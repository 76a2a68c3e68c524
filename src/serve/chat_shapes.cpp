// Messages, parts and sampling parameters as OpenAI's chat route has them, and the extensions.
#include "serve/request_shapes.h"

namespace r1v {
namespace {

using namespace shapes;

constexpr double kMaxTokens = 1 << 30;

Shape text_part() { return object("TextPart", {{"type", choice({"text"}), true}, {"text", string("the text"), true}}); }

Shape picture_part() {
  const std::string text =
      "a data URL (data:image/png;base64,...), or an http(s) URL or a file where the server allows it";
  Shape url = string(text);
  Shape whole = object(
      "ImageUrl",
      {{"url", url, true},
       {"detail", choice({"auto", "low", "high"}, "low: one tile a picture; all pictures of a request or none")}});
  return object("ImagePart", {{"type", choice({"image_url"}), true},
                              {"image_url", either({std::move(whole), std::move(url)}, "the picture"), true}});
}

Shape text_content() { return either({string(""), list(text_part(), "", 1)}, "text, or parts of it"); }

Shape system_message() {
  return object("SystemMessage",
                {{"role", choice({"system", "developer"}, "both are the template's system message"), true},
                 {"content", text_content(), true},
                 {"name", string("handed to the chat template", 64)}});
}

Shape user_message() {
  Shape parts = list(either({text_part(), picture_part()}, "", "type"), "", 1);
  return object("UserMessage", {{"role", choice({"user"}), true},
                                {"content", either({string(""), std::move(parts)}, "text, or parts"), true},
                                {"name", string("handed to the chat template", 64)}});
}

Shape assistant_message() {
  const std::string no_tools = "this server calls no tools";
  return object("AssistantMessage", {{"role", choice({"assistant"}), true},
                                     {"content", text_content(), true},
                                     {"reasoning_content", string("its thinking, as this server gave it")},
                                     {"reasoning", string("the same under its other name")},
                                     {"name", string("handed to the chat template", 64)},
                                     {"refusal", refused("no answer is marked as a refusal")},
                                     {"annotations", refused("answers have none")},
                                     {"audio", refused("there is no sound")},
                                     {"function_call", refused(no_tools)},
                                     {"tool_calls", refused(no_tools)}});
}

constexpr const char* kFormatText = "what the answer (not the thinking) must look like; enforced while it is drawn";

std::vector<Field> schema_fields() {
  return {{"name", string("of the schema; changes nothing", 64), true},
          {"description", string("changes nothing")},
          {"schema", {.kind = Shape::Kind::map, .text = "a JSON Schema", .items = {Shape{}}}, true},
          {"strict", boolean("changes nothing: the schema is always kept")}};
}

}  // namespace

Shape response_format_shape() {
  return either({object("TextFormat", {{"type", choice({"text"}), true}}),
                 object("JsonObjectFormat", {{"type", choice({"json_object"}), true}}),
                 object("JsonSchemaResponse", {{"type", choice({"json_schema"}), true},
                                               {"json_schema", object("JsonSchemaFormat", schema_fields()), true}})},
                kFormatText, "type");
}

Shape responses_format_shape() {
  std::vector<Field> fields = schema_fields();
  fields.insert(fields.begin(), {"type", choice({"json_schema"}), true});
  return either({object("TextFormat", {{"type", choice({"text"}), true}}),
                 object("JsonObjectFormat", {{"type", choice({"json_object"}), true}}),
                 object("JsonSchemaText", std::move(fields))},
                kFormatText, "type");
}

Shape messages_shape(const ServeLimits& limits) {
  return list(either({system_message(), user_message(), assistant_message()}, "", "role"),
              "the conversation, oldest first", 1, limits.max_messages);
}

std::vector<Field> sampling_fields(const ServeLimits& limits) {
  const double most = std::numeric_limits<int64_t>::max() / 2;
  Shape top_p = number("draws from the likeliest tokens that have this probability together; 1 = all", 0, 1);
  top_p.is_above_low = true;
  Shape stop = string("", 256);
  stop.min_size = 1;
  Shape bias = {.kind = Shape::Kind::map,
                .text = "token id to what is added to its logit",
                .max_size = limits.max_logit_bias,
                .keys_are_ids = true,
                .items = {number("", -100, 100)}};
  return {
      {"temperature",
       number(
           "0 = the likeliest token always; left out: as the checkpoint says, or 1 where that is 0 and several answers "
           "are asked for",
           0, 2)},
      {"top_p", std::move(top_p)},
      {"top_k", integer("draws from so many likeliest tokens; 0 = all", 0, 1'000'000)},
      {"min_p", number("drops tokens less likely than this share of the likeliest; 0 = none", 0, 1)},
      {"repetition_penalty", number("divides the logits of what prompt or answer hold already; 1 = off", 0.01, 100)},
      {"presence_penalty", number("off the logit of every token that the answer holds", -2, 2)},
      {"frequency_penalty", number("the same, times how often it does", -2, 2)},
      {"seed", integer("same seed, same request: same answer; left out: another one every time", -most, most)},
      {"stop", either({stop, list(stop, "", 0, limits.max_stop)}, "ends the text before the first of these")},
      {"logit_bias", std::move(bias)},
      {"ignore_eos", boolean("extension, for load tests: the end of the text does not end the answer, a length does")},
      {"stream", boolean("the answer in pieces, as server-sent events")},
      {"thinking",
       object("Thinking",
              {{"enabled", boolean("false: the model is asked to answer at once")},
               {"budget_tokens", integer("after so many tokens of thinking the answer begins", 0, kMaxTokens)}},
              "extension: the thinking before the answer")},
      {"chat_template_kwargs", object("ChatTemplateKwargs", {{"enable_thinking", boolean("as thinking.enabled")}},
                                      "extension, as other servers have it; this one key is known")},
      {"max_tiles", integer("extension: at most so many tiles a picture", 1, 64)},
      {"return_progress", boolean("extension, with stream: tells how much of pictures and prompt has been read")},
  };
}

std::vector<Field> bystander_fields() {
  Shape entry = string("", 512);
  Shape metadata = {.kind = Shape::Kind::map, .text = "changes nothing", .max_size = 16, .items = {std::move(entry)}};
  Shape store = boolean("nothing is stored by this server");
  store.only = false;
  return {{"user", string("changes nothing", 256)},
          {"safety_identifier", string("changes nothing", 256)},
          {"metadata", std::move(metadata)},
          {"store", std::move(store)},
          {"service_tier", choice({"auto", "default"}, "there is one tier")}};
}

namespace {

std::vector<Field> choice_fields(const ServeLimits& limits) {
  const double max_n = static_cast<double>(limits.max_n);
  const std::string one_of = "counts to the same limit as max_completion_tokens; give one of them";
  return {
      {"max_completion_tokens", integer("of the answer, thinking included", 1, kMaxTokens)},
      {"max_tokens", integer(one_of, 1, kMaxTokens)},
      {"n", integer("so many answers", 1, max_n)},
      {"logprobs", boolean("reports the log-probability of every token")},
      {"top_logprobs",
       integer("with logprobs: so many likeliest tokens beside each", 0, static_cast<double>(limits.max_top_logprobs))},
      {"response_format", response_format_shape()},
      {"stream_options",
       object("StreamOptions", {{"include_usage", boolean("a last chunk with the usage")}}, "with stream")},
      {"reasoning_effort", choice({"none", "minimal", "low", "medium", "high"},
                                  "none: no thinking; minimal, low and medium: a budget of 256, 1024 and 4096 tokens, "
                                  "where the answer may be longer than that; high: no budget")},
      {"best_of", integer("extension: draws so many answers and gives the best", 1, max_n)},
      {"reward_model", string("extension, with best_of: which model judges; left out: the first that scores", 256)},
      {"choose", choice({"judge", "vote", "weighted"},
                        "extension, with best_of: the highest score; the answer that most give (needs no reward "
                        "model); or a vote weighted with scores")},
  };
}

void append(std::vector<Field>& to, std::vector<Field> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

Shape chat_shape(const ServeLimits& limits) {
  const std::string no_tools = "this server calls no tools";
  std::vector<Field> fields = {{"model", string("one of /v1/models; left out: the first that answers", 256)},
                               {"messages", messages_shape(limits), true}};
  append(fields, choice_fields(limits));
  append(fields, sampling_fields(limits));
  append(fields, bystander_fields());
  append(fields, {{"tools", refused(no_tools)},
                  {"tool_choice", refused(no_tools)},
                  {"parallel_tool_calls", refused(no_tools)},
                  {"functions", refused(no_tools)},
                  {"function_call", refused(no_tools)},
                  {"audio", refused("there is no sound")},
                  {"modalities", refused("answers are text")},
                  {"prediction", refused("answers are not predicted")},
                  {"verbosity", refused("say it in the prompt")},
                  {"web_search_options", refused("nothing is fetched from the web")}});
  return object("ChatRequest", std::move(fields));
}

}  // namespace r1v

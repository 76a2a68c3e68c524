// POST /tokenize and /detokenize, in the shape that vLLM gave them.
#include "serve/body.h"
#include "serve/handlers.h"
#include "serve/json_text.h"
#include "serve/read_answer_request.h"
#include "serve/read_messages.h"
#include "serve/request_shapes.h"

namespace r1v {
namespace {

constexpr size_t kMaxBody = 16 << 20;

std::vector<int64_t> ids_of(const Json& body, const ServedModel& model, const ServeOptions& options) {
  const Json* prompt = field_of(body, "prompt");
  const Json* messages = field_of(body, "messages");
  if ((prompt == nullptr) == (messages == nullptr)) {
    refuse_value("prompt", "or messages is needed; exactly one of them");
  }
  if (prompt != nullptr) {
    for (const char* name : {"add_generation_prompt", "chat_template_kwargs"}) {
      if (field_of(body, name) != nullptr) refuse_value(name, "belongs to messages");
    }
    const bool parses = bool_of(body, "parse_special", false);
    return model.generator->tokenizer().encode(prompt->get_ref<const std::string&>(),
                                               parses ? SpecialTokens::parse : SpecialTokens::escape);
  }
  if (field_of(body, "parse_special") != nullptr) refuse_value("parse_special", "belongs to prompt");
  RequestPictures pictures(options);
  bool all_low = false;
  Conversation conversation = read_messages(*messages, "messages", pictures, all_low);
  if (all_low) refuse_value("messages", "asks for detail \"low\"; tokens are counted as the model is served");
  expect_eyes(model, conversation);
  conversation.add_generation_prompt = bool_of(body, "add_generation_prompt", true);
  return model.generator->render(conversation, read_thinking(body, "", "").is_enabled).ids;
}

std::string tokens_body(const std::vector<int64_t>& ids, bool has_texts, const ServedModel& model) {
  std::string out =
      cat("{\"count\":", ids.size(), ",\"max_model_len\":", model.generator->facts().context, ",\"tokens\":[");
  for (size_t i = 0; i < ids.size(); ++i) {
    if (i > 0) out += ',';
    append_integer(ids[i], out);
  }
  out += "],\"token_strs\":";
  if (!has_texts) return out + "null}";
  for (size_t i = 0; i < ids.size(); ++i) {
    out += i == 0 ? '[' : ',';
    append_quoted(model.generator->tokenizer().token_bytes(ids[i]), out);
  }
  return out + (ids.empty() ? "[]}" : "]}");
}

}  // namespace

std::vector<HttpRoute> token_routes(const std::shared_ptr<ServeContext>& context) {
  const auto tokenize_body = std::make_shared<const Shape>(tokenize_shape(context->options.limits));
  const auto tokenize = [context, tokenize_body](const std::shared_ptr<HttpExchange>& exchange) {
    const Json body = read_body(exchange->request(), *tokenize_body, context->options.limits);
    const ServedModel model = context->models.generator(text_of(body, "model"));
    const std::vector<int64_t> ids = ids_of(body, model, context->options);
    exchange->reply({.body = tokens_body(ids, bool_of(body, "return_token_strs", false), model)});
  };
  const auto detokenize_body = std::make_shared<const Shape>(detokenize_shape(context->options.limits));
  const auto detokenize = [context, detokenize_body](const std::shared_ptr<HttpExchange>& exchange) {
    const Json body = read_body(exchange->request(), *detokenize_body, context->options.limits);
    const ServedModel model = context->models.generator(text_of(body, "model"));
    std::vector<int64_t> ids;
    for (const Json& id : body.at("tokens")) ids.push_back(integer_of(id));
    std::string text;
    try {
      text = model.generator->tokenizer().decode(ids);
    } catch (const InputError& error) {
      refuse_value("tokens", cat("cannot be read: ", error.what()));
    }
    std::string out = "{\"prompt\":";
    append_quoted(text, out);
    exchange->reply({.body = out + "}"});
  };
  return {
      {.method = "POST", .pattern = "/tokenize", .handler = tokenize, .is_work = true, .max_body_bytes = kMaxBody},
      {.method = "POST", .pattern = "/detokenize", .handler = detokenize, .is_work = true, .max_body_bytes = kMaxBody}};
}

}  // namespace r1v

// One item is open at a time; what it has said is kept, since its last events repeat it.
#include "serve/responses_format.h"

#include "serve/json_text.h"
#include "serve/token_text.h"

namespace r1v {

struct ResponsesFormat::Kind {
  const char* type;
  const char* id_front;
  const char* part_type;
  const char* delta_event;
  const char* done_event;
};
const ResponsesFormat::Kind ResponsesFormat::kThinking = {
    "reasoning", "rs_", "reasoning_text", "response.reasoning_text.delta", "response.reasoning_text.done"};
const ResponsesFormat::Kind ResponsesFormat::kMessage = {"message", "msg_", "output_text", "response.output_text.delta",
                                                         "response.output_text.done"};

namespace {

/// Repeats nothing of the request that it does not know.
void append_usage_of(const Usage& usage, std::string& out) {
  out += cat("{\"input_tokens\":", usage.prompt_tokens,
             ",\"input_tokens_details\":{\"cached_tokens\":", usage.cached_tokens,
             ",\"image_tokens\":", usage.image_tokens, "},\"output_tokens\":", usage.completion_tokens,
             ",\"output_tokens_details\":{\"reasoning_tokens\":", usage.thinking_tokens,
             "},\"total_tokens\":", usage.prompt_tokens + usage.completion_tokens, "}");
}

const char* status_of(const AnswerSet& answers) {
  return std::string_view(answers.ends.front().finish_reason) == "length" ? "incomplete" : "completed";
}

}  // namespace

ResponsesFormat::ResponsesFormat(FormatOptions options, Json echo)
    : options_(std::move(options)), echo_(std::move(echo)) {}

std::string ResponsesFormat::item_id(const Kind& kind) const { return kind.id_front + options_.request_id; }

std::string ResponsesFormat::logprobs_of(const std::vector<TokenReport>& reports, std::string_view answer) const {
  std::string out;
  if (!options_.has_logprobs) return out;
  append_reports(shown_reports(reports, answer, *options_.tokenizer), /*of_thinking=*/false, *options_.tokenizer, out);
  return out;
}

void ResponsesFormat::append_part(const Kind& kind, std::string_view text, std::string_view logprobs,
                                  std::string& out) const {
  out += cat("{\"type\":\"", kind.part_type, "\",\"text\":");
  append_quoted(text, out);
  if (&kind == &kMessage) out += cat(",\"annotations\":[],\"logprobs\":[", logprobs, "]");
  out += '}';
}

void ResponsesFormat::append_item(const Kind& kind, const char* status, std::string_view text,
                                  std::string_view logprobs, std::string& out) const {
  out += "{\"id\":";
  append_quoted(item_id(kind), out);
  out += cat(",\"type\":\"", kind.type, "\",\"status\":\"", status, "\"");
  out += &kind == &kMessage ? ",\"role\":\"assistant\"" : ",\"summary\":[]";
  out += ",\"content\":[";
  if (std::string_view(status) != "in_progress") append_part(kind, text, logprobs, out);
  out += "]}";
}

void ResponsesFormat::open_event(std::string_view type, std::string& out) {
  out += "event: ";
  out += type;
  out += "\ndata: {\"type\":\"";
  out += type;
  out += "\",\"sequence_number\":";
  append_integer(sequence_number_++, out);
}

void ResponsesFormat::append_place(const Kind& kind, std::string& out) const {
  out += ",\"item_id\":";
  append_quoted(item_id(kind), out);
  out += ",\"output_index\":";
  append_integer(output_index_, out);
  out += ",\"content_index\":0";
}

std::string ResponsesFormat::response(const char* status, const AnswerSet* answers) const {
  std::string out = "{\"id\":";
  append_quoted("resp_" + options_.request_id, out);
  out += cat(",\"object\":\"response\",\"created_at\":", options_.created, ",\"status\":\"", status, "\",\"model\":");
  append_quoted(options_.model, out);
  const bool is_cut = std::string_view(status) == "incomplete";
  out += cat(",\"error\":null,\"incomplete_details\":", is_cut ? "{\"reason\":\"max_output_tokens\"}" : "null");
  for (const auto& [name, value] : echo_.items()) {
    out += ',';
    append_quoted(name, out);
    out += ':' + dump_json(value);
  }
  out += ",\"output\":[";
  if (answers != nullptr) append_output(answers->ends.front(), status, out);
  out += "],\"usage\":";
  if (answers == nullptr) return out + "null}";
  append_usage_of(answers->usage, out);
  out += cat(",\"finish_detail\":\"", answers->ends.front().detail, "\"}");
  return out;
}

void ResponsesFormat::append_output(const AnswerEnd& end, const char* status, std::string& out) const {
  const Completion& completion = end.completion;
  const bool has_message = !completion.answer.empty() || completion.thinking.empty();
  if (!completion.thinking.empty()) {
    append_item(kThinking, has_message ? "completed" : status, completion.thinking, "", out);
    if (has_message) out += ',';
  }
  if (has_message) {
    append_item(kMessage, status, completion.answer, logprobs_of(completion.reports, completion.answer), out);
  }
}

void ResponsesFormat::begin(std::string& out) {
  for (const char* type : {"response.created", "response.in_progress"}) {
    open_event(type, out);
    out += ",\"response\":" + response("in_progress", nullptr) + "}\n\n";
  }
}

void ResponsesFormat::progress(const AnswerProgress& progress, std::string& out) {
  open_event("response.prompt_progress", out);
  append_progress(progress, out);
  out += "}\n\n";
}

void ResponsesFormat::open_item(const Kind& kind, std::string& out) {
  if (open_ == &kind) return;
  close_item("completed", out);
  open_ = &kind;
  ++output_index_;
  open_event("response.output_item.added", out);
  out += cat(",\"output_index\":", output_index_, ",\"item\":");
  append_item(kind, "in_progress", "", "", out);
  out += "}\n\n";
  open_event("response.content_part.added", out);
  append_place(kind, out);
  out += ",\"part\":";
  append_part(kind, "", "", out);
  out += "}\n\n";
}

void ResponsesFormat::append_delta(const Kind& kind, std::string_view text, const std::vector<TokenReport>& reports,
                                   std::string& out) {
  open_item(kind, out);
  open_event(kind.delta_event, out);
  append_place(kind, out);
  out += ",\"delta\":";
  append_quoted(text, out);
  text_ += text;
  if (&kind == &kMessage) {
    const std::string logprobs = logprobs_of(reports, text);
    out += ",\"logprobs\":[" + logprobs + "]";
    logprobs_ += (logprobs_.empty() || logprobs.empty() ? "" : ",") + logprobs;
  }
  out += "}\n\n";
}

void ResponsesFormat::piece(size_t, const AnswerText& text, std::string& out) {
  if (!text.thinking.empty()) append_delta(kThinking, text.thinking, text.reports, out);
  if (!text.answer.empty()) append_delta(kMessage, text.answer, text.reports, out);
}

void ResponsesFormat::close_item(const char* status, std::string& out) {
  if (open_ == nullptr) return;
  const Kind& kind = *open_;
  open_event(kind.done_event, out);
  append_place(kind, out);
  out += ",\"text\":";
  append_quoted(text_, out);
  if (&kind == &kMessage) out += ",\"logprobs\":[" + logprobs_ + "]";
  out += "}\n\n";
  open_event("response.content_part.done", out);
  append_place(kind, out);
  out += ",\"part\":";
  append_part(kind, text_, logprobs_, out);
  out += "}\n\n";
  open_event("response.output_item.done", out);
  out += cat(",\"output_index\":", output_index_, ",\"item\":");
  append_item(kind, status, text_, logprobs_, out);
  out += "}\n\n";
  open_ = nullptr;
  text_.clear();
  logprobs_.clear();
}

void ResponsesFormat::end(const AnswerSet& answers, std::string& out) {
  const char* status = status_of(answers);
  const Completion& completion = answers.ends.front().completion;
  if (completion.answer.empty() && completion.thinking.empty()) open_item(kMessage, out);
  close_item(status, out);
  open_event(std::string("response.") + status, out);
  out += ",\"response\":" + response(status, &answers) + "}\n\n";
}

void ResponsesFormat::error(const HttpError& error, std::string& out) {
  open_event("error", out);
  out += ",\"code\":";
  append_quoted(error.code, out);
  out += ",\"message\":";
  append_quoted(error.what(), out);
  out += ",\"param\":null}\n\n";
}

std::string ResponsesFormat::whole(const AnswerSet& answers) { return response(status_of(answers), &answers); }

}  // namespace r1v

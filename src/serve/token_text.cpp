// Written by hand: a request may ask for twenty alternatives of every token.
#include "serve/token_text.h"

#include <cmath>

#include "http/exchange.h"
#include "serve/json_text.h"

namespace r1v {
namespace {

void append_token(int64_t id, double logprob, const Tokenizer& tokenizer, std::string& out) {
  const std::string_view bytes = tokenizer.token_bytes(id);
  out += "{\"token\":";
  append_quoted(bytes, out);
  out += ",\"logprob\":";
  append_logprob(logprob, out);
  out += ",\"bytes\":[";
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0) out += ',';
    append_integer(static_cast<unsigned char>(bytes[i]), out);
  }
  out += ']';
}

}  // namespace

void append_logprob(double logprob, std::string& out) {
  append_number(std::isfinite(logprob) ? logprob : -9999.0, out);
}

std::span<const TokenReport> shown_reports(std::span<const TokenReport> reports, std::string_view answer,
                                           const Tokenizer& tokenizer) {
  if (reports.empty()) return reports;
  const int64_t last = reports.back().id;
  const bool is_end = tokenizer.is_special(last) && !answer.ends_with(tokenizer.token_bytes(last));
  return is_end ? reports.first(reports.size() - 1) : reports;
}

void append_reports(std::span<const TokenReport> reports, bool of_thinking, const Tokenizer& tokenizer,
                    std::string& out) {
  bool is_first = true;
  for (const TokenReport& report : reports) {
    if (report.is_thinking != of_thinking) continue;
    if (!is_first) out += ',';
    is_first = false;
    append_token(report.id, report.logprob, tokenizer, out);
    out += ",\"top_logprobs\":[";
    for (size_t i = 0; i < report.top.size(); ++i) {
      if (i > 0) out += ',';
      append_token(report.top[i].id, report.top[i].logprob, tokenizer, out);
      out += '}';
    }
    out += "]}";
  }
}

void append_chat_logprobs(std::span<const TokenReport> reports, const Tokenizer& tokenizer, std::string& out) {
  out += "{\"content\":[";
  append_reports(reports, /*of_thinking=*/false, tokenizer, out);
  out += "],\"refusal\":null,\"reasoning_content\":[";
  append_reports(reports, /*of_thinking=*/true, tokenizer, out);
  out += "]}";
}

std::string reply_head(const FormatOptions& options, const char* id_front, const char* object) {
  std::string out = "{\"id\":";
  append_quoted(id_front + options.request_id, out);
  out += cat(",\"object\":\"", object, "\",\"created\":", options.created, ",\"model\":");
  append_quoted(options.model, out);
  return out;
}

void append_thinking(std::string_view thinking, std::string& out) {
  out += "\"reasoning_content\":";
  const size_t begin = out.size();
  append_quoted(thinking, out);
  const size_t size = out.size() - begin;
  out += ",\"reasoning\":";
  out.append(out, begin, size);
}

void append_finish(const AnswerEnd& end, std::string& out) {
  out += cat(",\"finish_reason\":\"", end.finish_reason, "\",\"finish_detail\":\"", end.detail, "\"");
}

void append_progress(const AnswerProgress& progress, std::string& out) {
  out += cat(",\"prompt_progress\":{\"total\":", progress.prompt_tokens, ",\"processed\":", progress.prompt_tokens_done,
             ",\"pictures_total\":", progress.pictures, ",\"pictures_processed\":", progress.pictures_done, "}");
}

void append_usage(const Usage& usage, std::string& out) {
  const auto put = [&](const char* text, int64_t value) {
    out += text;
    append_integer(value, out);
  };
  put("{\"prompt_tokens\":", usage.prompt_tokens);
  put(",\"completion_tokens\":", usage.completion_tokens);
  put(",\"total_tokens\":", usage.prompt_tokens + usage.completion_tokens);
  put(",\"prompt_tokens_details\":{\"cached_tokens\":", usage.cached_tokens);
  put(",\"image_tokens\":", usage.image_tokens);
  put("},\"completion_tokens_details\":{\"reasoning_tokens\":", usage.thinking_tokens);
  out += "}}";
}

void append_error_event(const HttpError& error, std::string& out) {
  out += "data: ";
  out += error_reply(error).body;
  out += "\n\n";
}

}  // namespace r1v

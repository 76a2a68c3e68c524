// Log-probabilities stand in four parallel lists here.
#include "serve/completions_format.h"

#include <algorithm>

#include "serve/json_text.h"
#include "serve/token_text.h"

namespace r1v {
namespace {

size_t characters(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

CompletionsFormat::CompletionsFormat(FormatOptions options)
    : ChunkFormat(std::move(options), "cmpl-", "text_completion"), offsets_(options_.choices) {}

void CompletionsFormat::begin(std::string&) {}

void CompletionsFormat::append_logprobs(std::span<const TokenReport> reports, size_t offset, std::string& out) const {
  std::vector<const TokenReport*> shown;
  for (const TokenReport& report : reports) {
    if (!report.is_thinking) shown.push_back(&report);
  }
  const auto list = [&](const char* name, const auto& append_one) {
    out += name;
    for (size_t i = 0; i < shown.size(); ++i) {
      if (i > 0) out += ',';
      append_one(*shown[i]);
    }
    out += ']';
  };
  const Tokenizer& tokenizer = *options_.tokenizer;
  list("{\"tokens\":[", [&](const TokenReport& report) { append_quoted(tokenizer.token_bytes(report.id), out); });
  list(",\"token_logprobs\":[", [&](const TokenReport& report) { append_logprob(report.logprob, out); });
  list(",\"top_logprobs\":[", [&](const TokenReport& report) {
    out += '{';
    for (size_t i = 0; i < report.top.size(); ++i) {
      if (i > 0) out += ',';
      append_quoted(tokenizer.token_bytes(report.top[i].id), out);
      out += ':';
      append_logprob(report.top[i].logprob, out);
    }
    out += '}';
  });
  list(",\"text_offset\":[", [&](const TokenReport& report) {
    append_integer(static_cast<int64_t>(offset), out);
    offset += characters(tokenizer.token_bytes(report.id));
  });
  out += '}';
}

void CompletionsFormat::append_text(size_t choice, std::string_view thinking, std::string_view text,
                                    std::span<const TokenReport> reports, size_t offset, std::string& out) const {
  out += "{\"index\":";
  append_integer(static_cast<int64_t>(choice), out);
  out += ",\"text\":";
  append_quoted(text, out);
  if (!thinking.empty()) {
    out += ',';
    append_thinking(thinking, out);
  }
  out += ",\"logprobs\":";
  if (options_.has_logprobs) {
    append_logprobs(shown_reports(reports, text, *options_.tokenizer), offset, out);
  } else {
    out += "null";
  }
}

void CompletionsFormat::piece(size_t choice, const AnswerText& text, std::string& out) {
  out += start_;
  append_text(choice, text.thinking, text.answer, text.reports, offsets_[choice], out);
  out += ",\"finish_reason\":null}]";
  out += stop_;
  offsets_[choice] += characters(text.answer);
}

void CompletionsFormat::end(const AnswerSet& answers, std::string& out) {
  for (size_t i = 0; i < answers.ends.size(); ++i) {
    out += start_;
    out += cat("{\"index\":", i, ",\"text\":\"\",\"logprobs\":null");
    append_finish(answers.ends[i], out);
    out += "}]";
    out += stop_;
  }
  append_done(answers.usage, out);
}

std::string CompletionsFormat::whole(const AnswerSet& answers) {
  std::string out = reply_head(options_, "cmpl-", "text_completion") + ",\"choices\":[";
  for (size_t i = 0; i < answers.ends.size(); ++i) {
    const Completion& completion = answers.ends[i].completion;
    if (i > 0) out += ',';
    append_text(i, completion.thinking, completion.answer, completion.reports, 0, out);
    append_finish(answers.ends[i], out);
    out += '}';
  }
  out += "],\"usage\":";
  append_usage(answers.usage, out);
  out += '}';
  return out;
}

}  // namespace r1v

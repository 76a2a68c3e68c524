// Tokens, usage and events as the wire formats write them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "serve/answer_format.h"
#include "text/tokenizer.h"

namespace r1v {

/// {"token", "logprob", "bytes", "top_logprobs"} for each report of the answer (or of the thinking), with commas
/// between.
void append_reports(std::span<const TokenReport> reports, bool of_thinking, const Tokenizer& tokenizer,
                    std::string& out);
/// Without the control token that ended it, which is no part of the text.
std::span<const TokenReport> shown_reports(std::span<const TokenReport> reports, std::string_view answer,
                                           const Tokenizer& tokenizer);
/// Chat's "logprobs" of a choice: {"content": [...], "refusal": null, "reasoning_content": [...]}.
void append_chat_logprobs(std::span<const TokenReport> reports, const Tokenizer& tokenizer, std::string& out);
/// A log-probability; what JSON has no number for becomes -9999, as OpenAI writes it.
void append_logprob(double logprob, std::string& out);

/// {"id", "object", "created", "model"} without its end.
std::string reply_head(const FormatOptions& options, const char* id_front, const char* object);
/// "reasoning_content" and "reasoning": the thinking under both names that clients know.
void append_thinking(std::string_view thinking, std::string& out);
/// ,"finish_reason":...,"finish_detail":...
void append_finish(const AnswerEnd& end, std::string& out);
/// ,"prompt_progress":{...}
void append_progress(const AnswerProgress& progress, std::string& out);
/// Chat's and completions' usage.
void append_usage(const Usage& usage, std::string& out);

/// "data: {...}\n\n" of an error.
void append_error_event(const HttpError& error, std::string& out);

}  // namespace r1v

// Candidates of best_of go out under a name of their own; the one that is chosen becomes the answer.
#include "serve/chat_format.h"

#include "serve/json_text.h"
#include "serve/token_text.h"

namespace r1v {
namespace {

void append_delta(const AnswerText& text, std::string& out) {
  if (!text.thinking.empty()) append_thinking(text.thinking, out);
  if (text.answer.empty()) return;
  if (!text.thinking.empty()) out += ',';
  out += "\"content\":\"";
  append_escaped(text.answer, out);
  out += '"';
}

void append_message(const Completion& completion, std::string& out) {
  out += "{\"role\":\"assistant\",\"content\":";
  append_quoted(completion.answer, out);
  out += ",\"refusal\":null,";
  if (completion.thinking.empty()) {
    out += "\"reasoning_content\":null,\"reasoning\":null}";
  } else {
    append_thinking(completion.thinking, out);
    out += '}';
  }
}

}  // namespace

ChatFormat::ChatFormat(FormatOptions options) : ChunkFormat(std::move(options), "chatcmpl-", "chat.completion.chunk") {}

void ChatFormat::append_choice_start(size_t choice, std::string& out) const {
  out += start_;
  out += "{\"index\":";
  append_integer(static_cast<int64_t>(choice), out);
  out += ",\"delta\":{";
}

void ChatFormat::append_choice_stop(std::string& out) const {
  out += ",\"finish_reason\":null}]";
  out += stop_;
}

void ChatFormat::append_logprobs(std::span<const TokenReport> reports, std::string_view answer,
                                 std::string& out) const {
  out += ",\"logprobs\":";
  if (options_.has_logprobs) {
    append_chat_logprobs(shown_reports(reports, answer, *options_.tokenizer), *options_.tokenizer, out);
  } else {
    out += "null";
  }
}

void ChatFormat::begin(std::string& out) {
  const size_t choices = options_.best_of.count > 0 ? 1 : options_.choices;
  for (size_t choice = 0; choice < choices; ++choice) {
    append_choice_start(choice, out);
    out += "\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null";
    append_choice_stop(out);
  }
}

void ChatFormat::piece(size_t choice, const AnswerText& text, std::string& out) {
  if (options_.best_of.count > 0) {
    // Not an answer yet: a candidate under its own name.
    out += start_;
    out += "],\"candidate\":{\"index\":";
    append_integer(static_cast<int64_t>(choice), out);
    out += ',';
    append_delta(text, out);
    out += '}';
    out += stop_;
    return;
  }
  append_choice_start(choice, out);
  append_delta(text, out);
  out += '}';
  append_logprobs(text.reports, text.answer, out);
  append_choice_stop(out);
}

void ChatFormat::append_last_chunk(size_t index, const AnswerEnd& end, std::string& out) const {
  append_choice_start(index, out);
  out += "},\"logprobs\":null";
  append_finish(end, out);
  out += "}]";
}

void ChatFormat::end(const AnswerSet& answers, std::string& out) {
  if (answers.chosen) {
    const AnswerEnd& winner = answers.ends[*answers.chosen];
    const AnswerText text = {winner.completion.thinking, winner.completion.answer, {}};
    append_choice_start(0, out);
    append_delta(text, out);
    out += '}';
    append_logprobs(winner.completion.reports, winner.completion.answer, out);
    append_choice_stop(out);
    append_last_chunk(0, winner, out);
    append_best_of(answers, out);
    out += stop_;
  } else {
    for (size_t i = 0; i < answers.ends.size(); ++i) {
      append_last_chunk(i, answers.ends[i], out);
      out += stop_;
    }
  }
  append_done(answers.usage, out);
}

void ChatFormat::append_choice(size_t index, const AnswerEnd& end, std::string& out) const {
  out += cat("{\"index\":", index, ",\"message\":");
  append_message(end.completion, out);
  append_logprobs(end.completion.reports, end.completion.answer, out);
  append_finish(end, out);
  out += '}';
}

void ChatFormat::append_best_of(const AnswerSet& answers, std::string& out) const {
  out += cat(",\"best_of\":{\"chosen\":", *answers.chosen, ",\"choose\":\"", election_rule_name(options_.best_of.rule),
             "\",\"reward_model\":");
  if (options_.best_of.judge == nullptr) {
    out += "null";
  } else {
    append_quoted(options_.best_of.judge_name, out);
  }
  out += cat(",\"judged_tokens\":", answers.judged_tokens, ",\"candidates\":[");
  for (size_t i = 0; i < answers.ends.size(); ++i) {
    if (i > 0) out += ',';
    out += cat("{\"index\":", i, ",\"score\":");
    if (answers.ends[i].score) {
      append_number(*answers.ends[i].score, out);
    } else {
      out += "null";
    }
    out += ",\"message\":";
    append_message(answers.ends[i].completion, out);
    append_finish(answers.ends[i], out);
    const Completion& completion = answers.ends[i].completion;
    out += cat(",\"completion_tokens\":", completion.ids.size(), ",\"reasoning_tokens\":", completion.thinking_tokens,
               "}");
  }
  out += "]}";
}

std::string ChatFormat::whole(const AnswerSet& answers) {
  std::string out = reply_head(options_, "chatcmpl-", "chat.completion") + ",\"choices\":[";
  if (answers.chosen) {
    append_choice(0, answers.ends[*answers.chosen], out);
  } else {
    for (size_t i = 0; i < answers.ends.size(); ++i) {
      if (i > 0) out += ',';
      append_choice(i, answers.ends[i], out);
    }
  }
  out += "],\"usage\":";
  append_usage(answers.usage, out);
  if (answers.chosen) append_best_of(answers, out);
  out += '}';
  return out;
}

}  // namespace r1v

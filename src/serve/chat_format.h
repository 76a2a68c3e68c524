// Answers as OpenAI's chat completions, whole or as chunks.
#pragma once

#include <span>
#include <string_view>

#include "serve/answer_format.h"

namespace r1v {

class ChatFormat final : public AnswerFormat {
 public:
  explicit ChatFormat(FormatOptions options);
  void begin(std::string& out) override;
  void progress(const AnswerProgress& progress, std::string& out) override;
  void piece(size_t choice, const AnswerText& text, std::string& out) override;
  void end(const AnswerSet& answers, std::string& out) override;
  void error(const HttpError& error, std::string& out) override;
  std::string whole(const AnswerSet& answers) override;

 private:
  void append_choice_start(size_t choice, std::string& out) const;
  void append_choice_stop(std::string& out) const;
  void append_logprobs(std::span<const TokenReport> reports, std::string_view answer, std::string& out) const;
  void append_last_chunk(size_t index, const AnswerEnd& end, std::string& out) const;
  void append_best_of(const AnswerSet& answers, std::string& out) const;
  void append_choice(size_t index, const AnswerEnd& end, std::string& out) const;

  const FormatOptions options_;
  std::string start_;  // of every chunk, to "choices":[
  std::string stop_;   // of every chunk
};

}  // namespace r1v

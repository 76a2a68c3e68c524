// Answers as OpenAI's chat completions, whole or as chunks.
#pragma once

#include <span>
#include <string_view>

#include "serve/chunk_format.h"

namespace r1v {

class ChatFormat final : public ChunkFormat {
 public:
  explicit ChatFormat(FormatOptions options);
  void begin(std::string& out) override;
  void piece(size_t choice, const AnswerText& text, std::string& out) override;
  void end(const AnswerSet& answers, std::string& out) override;
  std::string whole(const AnswerSet& answers) override;

 private:
  void append_choice_start(size_t choice, std::string& out) const;
  void append_choice_stop(std::string& out) const;
  void append_logprobs(std::span<const TokenReport> reports, std::string_view answer, std::string& out) const;
  void append_last_chunk(size_t index, const AnswerEnd& end, std::string& out) const;
  void append_best_of(const AnswerSet& answers, std::string& out) const;
  void append_choice(size_t index, const AnswerEnd& end, std::string& out) const;
};

}  // namespace r1v

// Completions of plain texts, as OpenAI's older route has them.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "serve/chunk_format.h"

namespace r1v {

class CompletionsFormat final : public ChunkFormat {
 public:
  explicit CompletionsFormat(FormatOptions options);
  void begin(std::string& out) override;
  void piece(size_t choice, const AnswerText& text, std::string& out) override;
  void end(const AnswerSet& answers, std::string& out) override;
  std::string whole(const AnswerSet& answers) override;

 private:
  /// To "logprobs", offset characters behind the text's beginning.
  void append_text(size_t choice, std::string_view thinking, std::string_view text,
                   std::span<const TokenReport> reports, size_t offset, std::string& out) const;
  void append_logprobs(std::span<const TokenReport> reports, size_t offset, std::string& out) const;

  std::vector<size_t> offsets_;  // characters sent, by choice
};

}  // namespace r1v

// Answers as OpenAI's responses: an item for the thinking and one for the message, and the events of both.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "serve/answer_format.h"

namespace r1v {

class ResponsesFormat final : public AnswerFormat {
 public:
  /// echo  the request's settings, as the response repeats them.
  ResponsesFormat(FormatOptions options, Json echo);
  void begin(std::string& out) override;
  void progress(const AnswerProgress& progress, std::string& out) override;
  void piece(size_t choice, const AnswerText& text, std::string& out) override;
  void end(const AnswerSet& answers, std::string& out) override;
  void error(const HttpError& error, std::string& out) override;
  std::string whole(const AnswerSet& answers) override;

 private:
  /// The two kinds of items, and what their events are called.
  struct Kind;
  static const Kind kThinking, kMessage;

  std::string item_id(const Kind& kind) const;
  void open_event(std::string_view type, std::string& out);
  void open_item(const Kind& kind, std::string& out);
  void append_delta(const Kind& kind, std::string_view text, const std::vector<TokenReport>& reports, std::string& out);
  void close_item(const char* status, std::string& out);
  void append_part(const Kind& kind, std::string_view text, std::string_view logprobs, std::string& out) const;
  void append_item(const Kind& kind, const char* status, std::string_view text, std::string_view logprobs,
                   std::string& out) const;
  /// "item_id":...,"output_index":...,"content_index":0
  void append_place(const Kind& kind, std::string& out) const;
  std::string response(const char* status, const AnswerSet* answers) const;
  void append_output(const AnswerEnd& end, const char* status, std::string& out) const;
  std::string logprobs_of(const std::vector<TokenReport>& reports, std::string_view answer) const;

  const FormatOptions options_;
  const Json echo_;
  int64_t sequence_number_ = 0;
  int64_t output_index_ = -1;    // of the item that is open
  const Kind* open_ = nullptr;   // null: none
  std::string text_, logprobs_;  // of the open item so far
};

}  // namespace r1v

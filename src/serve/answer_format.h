// What an API makes of the answers to a request: one class each for chat, completions and responses.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/service.h"
#include "http/error.h"
#include "verify/elect.h"

namespace r1v {

/// What one choice said since it was last sent.
struct AnswerText {
  std::string thinking;
  std::string answer;
  std::vector<TokenReport> reports;
  bool is_empty() const { return thinking.empty() && answer.empty(); }
};

/// One choice when it is over.
struct AnswerEnd {
  Completion completion;
  const char* finish_reason = "stop";  // OpenAI's word: "stop" or "length"
  std::string detail;                  // ours: stop, budget, length, loop, time, cancelled
  std::optional<double> score;
};

struct AnswerSet {
  std::vector<AnswerEnd> ends;  // by choice
  Usage usage;
  std::optional<size_t> chosen;  // of a best_of
  int64_t judged_tokens = 0;     // that the reward model read
};

/// How best_of chooses.
struct BestOfPlan {
  int64_t count = 0;  // 0: it does not
  ElectionRule rule = ElectionRule::judge;
  std::string judge_name;  // "" = none judges
  Scorer* judge = nullptr;
};

/// Calls come one at a time, in the order begin, progress and piece, then end or error; or whole alone.
class AnswerFormat {
 public:
  virtual ~AnswerFormat() = default;
  virtual void begin(std::string& out) = 0;
  virtual void progress(const AnswerProgress& progress, std::string& out) = 0;
  virtual void piece(size_t choice, const AnswerText& text, std::string& out) = 0;
  virtual void end(const AnswerSet& answers, std::string& out) = 0;
  virtual void error(const HttpError& error, std::string& out) = 0;
  /// The body of a reply in one piece.
  virtual std::string whole(const AnswerSet& answers) = 0;
};

/// What every format is made of.
struct FormatOptions {
  std::string request_id;
  std::string model;
  int64_t created = 0;  // seconds since 1970
  const Tokenizer* tokenizer = nullptr;
  size_t choices = 1;
  bool has_logprobs = false;
  bool includes_usage = false;
  BestOfPlan best_of;
};

}  // namespace r1v

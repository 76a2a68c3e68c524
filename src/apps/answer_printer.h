// Shows one answer while it streams: thinking dimmed on a terminal, in <think> tags elsewhere, then the answer.
#pragma once

#include <iosfwd>
#include <string>

#include "engine/request.h"

namespace r1v {

enum class AnswerStyle { terminal, plain };

/// Terminal text never carries the model's control characters (it could not be trusted with the cursor).
class AnswerPrinter {
 public:
  AnswerPrinter(std::ostream& out, AnswerStyle style) : out_(out), style_(style) {}

  void show(const StreamPiece& piece);
  /// Ends the line and puts the terminal back, also after an interruption.
  void finish();

 private:
  void open_thinking();
  void close_thinking();
  void write(const std::string& text);

  std::ostream& out_;
  AnswerStyle style_;
  bool is_thinking_ = false;
  bool ends_line_ = true;
};

}  // namespace r1v

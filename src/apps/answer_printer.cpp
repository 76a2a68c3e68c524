// ANSI codes are written only for a terminal.
#include "apps/answer_printer.h"

#include <ostream>

namespace r1v {
namespace {

constexpr const char* kDim = "\x1b[2m";
constexpr const char* kNormal = "\x1b[0m";

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F;
}

}  // namespace

void AnswerPrinter::open_thinking() {
  out_ << (style_ == AnswerStyle::terminal ? kDim : "<think>\n");
  is_thinking_ = true;
}

void AnswerPrinter::close_thinking() {
  if (!ends_line_) out_ << "\n";
  out_ << (style_ == AnswerStyle::terminal ? kNormal : "</think>\n") << "\n";
  is_thinking_ = false;
  ends_line_ = true;
}

void AnswerPrinter::write(const std::string& text) {
  if (text.empty()) return;
  std::string safe = text;
  if (style_ == AnswerStyle::terminal) std::erase_if(safe, is_control);
  out_ << safe;
  ends_line_ = text.back() == '\n';
}

void AnswerPrinter::show(const StreamPiece& piece) {
  if (!piece.thinking.empty() && !is_thinking_) open_thinking();
  write(piece.thinking);
  if (!piece.answer.empty() && is_thinking_) close_thinking();
  write(piece.answer);
  out_.flush();
}

void AnswerPrinter::finish() {
  if (is_thinking_) {
    close_thinking();
  } else if (!ends_line_) {
    out_ << "\n";
  }
  ends_line_ = true;
  out_.flush();
}

}  // namespace r1v

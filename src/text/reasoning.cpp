// A small state machine over "<think>" and "</think>"; line breaks beside the tags belong to neither side.
#include "text/reasoning.h"

#include <algorithm>

namespace r1v {
namespace {

constexpr std::string_view kOpen = "<think>";
constexpr std::string_view kClose = "</think>";

// Start of the longest end of `text` that could grow into `tag`; text.size() when there is none.
size_t tag_beginning(std::string_view text, std::string_view tag) {
  for (size_t size = std::min(tag.size() - 1, text.size()); size > 0; --size) {
    if (text.ends_with(tag.substr(0, size))) return text.size() - size;
  }
  return text.size();
}

size_t skip(std::string_view text, std::string_view characters) {
  return std::min(text.find_first_not_of(characters), text.size());
}

}  // namespace

ReasoningSplitter::ReasoningSplitter(bool starts_thinking) : thinking_(starts_thinking) {}

ReasoningSplitter::Piece ReasoningSplitter::push(std::string_view text) {
  Piece piece;
  pending_ += text;
  if (!opening_decided_) decide_opening();
  if (!opening_decided_) return piece;
  if (thinking_) push_thinking(piece);
  if (!thinking_) push_answer(piece);
  return piece;
}

// "<think>" counts only in front of everything else; a template may have opened it already and a model repeat it. A
// model that was told not to think may close all the same what it never opened: that is no answer.
void ReasoningSplitter::decide_opening() {
  const std::string_view rest = std::string_view(pending_).substr(skip(pending_, " \t\r\n"));
  if (rest.starts_with(kOpen)) {
    thinking_ = true;
    pending_.erase(0, pending_.size() - rest.size() + kOpen.size());
    opening_decided_ = true;
  } else if (!thinking_ && rest.starts_with(kClose)) {
    pending_.erase(0, pending_.size() - rest.size() + kClose.size());
    opening_decided_ = after_thinking_ = true;
  } else if (!kOpen.starts_with(rest) && (thinking_ || !kClose.starts_with(rest))) {
    opening_decided_ = true;
  }
}

void ReasoningSplitter::push_thinking(Piece& piece) {
  if (!started_) pending_.erase(0, skip(pending_, "\n"));
  if (pending_.empty()) return;
  const size_t close = pending_.find(kClose);
  size_t end = close == std::string::npos ? tag_beginning(pending_, kClose) : close;
  while (end > 0 && pending_[end - 1] == '\n') --end;  // given once it is known that no tag follows
  piece.thinking.assign(pending_, 0, end);
  started_ = started_ || end > 0;
  if (close == std::string::npos) {
    pending_.erase(0, end);
    return;
  }
  pending_.erase(0, close + kClose.size());
  thinking_ = false;
  started_ = false;
  after_thinking_ = true;
}

void ReasoningSplitter::push_answer(Piece& piece) {
  if (after_thinking_ && !started_) pending_.erase(0, skip(pending_, "\n"));
  started_ = started_ || !pending_.empty();
  piece.answer = std::move(pending_);
  pending_.clear();
}

ReasoningSplitter::Piece ReasoningSplitter::finish() {
  Piece piece;
  opening_decided_ = true;
  if (thinking_ && !started_) pending_.erase(0, skip(pending_, "\n"));
  (thinking_ ? piece.thinking : piece.answer) = std::move(pending_);
  pending_.clear();
  return piece;
}

}  // namespace r1v

// Splits a model's output into thinking and answer while it streams.
#pragma once

#include <string>
#include <string_view>

namespace r1v {

/// Text arrives in pieces; pieces of thinking and of answer come out, whatever the cuts between the pieces. Starts
/// inside the thinking when the template already opened `<think>`. A tag that arrives in parts is held back until it is
/// decided.
/// `<think>` (and a `</think>` of no thinking) counts only at the very front, the first `</think>` ends the thinking, later tags are plain text. Line
/// breaks next to the tags belong to neither side (Qwen's templates strip the same ones).
class ReasoningSplitter {
 public:
  explicit ReasoningSplitter(bool starts_thinking);
  struct Piece {
    std::string thinking;
    std::string answer;
  };
  Piece push(std::string_view text);
  /// What is still held back: an unfinished tag is text after all.
  Piece finish();
  bool is_thinking() const { return thinking_; }

 private:
  void decide_opening();
  void push_thinking(Piece& piece);
  void push_answer(Piece& piece);

  bool thinking_;
  bool opening_decided_ = false;  // whether the text begins with <think> is known
  bool after_thinking_ = false;
  bool started_ = false;  // something of the present part has been given out
  std::string pending_;
};

}  // namespace r1v

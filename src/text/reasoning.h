// Splits a model's output into thinking and answer while it streams.
#pragma once

#include <string>
#include <string_view>

namespace r1v {

/// Text arrives in pieces; pieces of thinking and of answer come out. Starts inside the thinking when the template
/// already opened `<think>`. A tag that arrives in parts is held back until it is decided.
class ReasoningSplitter {
 public:
  explicit ReasoningSplitter(bool starts_thinking);
  struct Piece {
    std::string thinking;
    std::string answer;
  };
  Piece push(std::string_view text);
  Piece finish();
  bool is_thinking() const { return thinking_; }

 private:
  bool thinking_;
  bool answer_started_ = false;
  std::string pending_;
};

}  // namespace r1v

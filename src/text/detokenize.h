// Streaming detokenizer: ids in one by one, whole characters out.
#pragma once

#include <cstdint>
#include <string>

#include "text/tokenizer.h"

namespace r1v {

/// Holds back the bytes of an unfinished UTF-8 character until it is complete; bytes that can never become one are
/// given as U+FFFD, as a whole decode would give them.
class Detokenizer {
 public:
  explicit Detokenizer(const Tokenizer& tokenizer, bool skip_special = true);
  /// The text that this id completes; possibly empty.
  std::string push(int64_t id);
  /// What is still held back, as U+FFFD where it is not a character.
  std::string finish();

 private:
  const Tokenizer& tokenizer_;
  bool skip_special_;
  std::string pending_;
};

}  // namespace r1v

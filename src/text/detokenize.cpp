// Bytes wait until they are a character or can no longer become one.
#include "text/detokenize.h"

#include "text/unicode.h"

namespace r1v {

Detokenizer::Detokenizer(const Tokenizer& tokenizer, bool skip_special)
    : tokenizer_(tokenizer), skip_special_(skip_special) {}

std::string Detokenizer::push(int64_t id) {
  const std::string_view bytes = tokenizer_.token_bytes(id);
  if (skip_special_ && tokenizer_.is_special(id)) return "";
  pending_ += bytes;
  // An unfinished character is at most three bytes at the very end.
  size_t whole = pending_.size();
  const char* end = pending_.data() + pending_.size();
  for (size_t back = 1; back <= 3 && back <= pending_.size(); ++back) {
    const auto byte = static_cast<unsigned char>(*(end - back));
    if (byte < 0x80) break;
    if (byte < 0xC0) continue;
    if (utf8_step(end - back, end).status == Utf8Step::Status::truncated) whole -= back;
    break;
  }
  std::string text = replace_invalid_utf8(std::string_view(pending_).substr(0, whole));
  pending_.erase(0, whole);
  return text;
}

std::string Detokenizer::finish() {
  std::string text = replace_invalid_utf8(pending_);
  pending_.clear();
  return text;
}

}  // namespace r1v

// Id by id: merges and rules may differ where the same ids come out.
#include "text/same_tokens.h"

#include <algorithm>

#include "base/error.h"

namespace r1v {

void expect_same_tokens(const Tokenizer& other_tokens, const std::string& other, const Tokenizer& tokens) {
  const auto quoted = [](const Tokenizer& tokenizer, int64_t id) {
    return id < tokenizer.size() ? cat('"', printable(tokenizer.token_text(id)), '"') : "missing";
  };
  for (int64_t id = 0; id < std::max(other_tokens.size(), tokens.size()); ++id) {
    const bool has_both = id < other_tokens.size() && id < tokens.size();
    if (has_both && other_tokens.token_text(id) == tokens.token_text(id)) continue;
    throw InputError(cat(other, ": token ", id, " is ", quoted(other_tokens, id), ", in --model it is ",
                         quoted(tokens, id), "; both need the same tokenizer"));
  }
}

}  // namespace r1v

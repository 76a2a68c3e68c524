// What an answer must look like, compiled for one vocabulary: which token may come next?
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/json.h"
#include "text/tokenizer.h"

namespace r1v {

/// Every token as bytes, arranged for walking; made once a tokenizer and shared. Control tokens are not in it.
class TokenTrie;
std::shared_ptr<const TokenTrie> make_token_trie(const Tokenizer& tokenizer);

/// Refused beyond, with an InputError that names the limit.
struct GrammarLimits {
  size_t max_schema_bytes = 64 << 10;
  int64_t max_depth = 64;
  int64_t max_states = 200'000;
  double max_compile_s = 1.0;
};

/// Immutable; shared by any number of samples on any threads.
class Grammar {
 public:
  virtual ~Grammar() = default;
  /// One sample's place in it.
  class Place {
   public:
    virtual ~Place() = default;
    /// Bit id % 64 of word id / 64 is set where token id may come next; ids beyond the words may not. Valid until the
    /// next call. Control tokens and other added tokens are never in it. All zero only where may_end().
    virtual std::span<const uint64_t> allowed() = 0;
    /// The token that was taken; it was allowed (R1V_CHECK).
    virtual void accept(int64_t id) = 0;
    /// The text may end here.
    virtual bool may_end() const = 0;

    /// How many tokens bring the text to an end from here by the way of closing_token.
    virtual int64_t tokens_to_end() = 0;
    /// Whether `tokens` suffice for that behind `id`, which is allowed.
    virtual bool ends_within(int64_t tokens, int64_t id) = 0;
    /// The next token of a short way to an end, allowed here; not where the text may end.
    virtual int64_t closing_token() = 0;
  };
  virtual std::unique_ptr<Place> begin() const = 0;
};

/// JSON that validates against the schema, as OpenAI's response_format wants it (white space is bounded).
/// throws InputError naming the JSON pointer and the keyword: not a schema, a keyword that is not supported, a limit.
std::shared_ptr<const Grammar> grammar_of_schema(const Json& schema, std::shared_ptr<const TokenTrie> tokens,
                                                 const GrammarLimits& limits = {});
/// Any JSON object (response_format json_object).
std::shared_ptr<const Grammar> grammar_of_object(std::shared_ptr<const TokenTrie> tokens);

}  // namespace r1v

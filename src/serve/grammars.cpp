// Compiling happens outside the lock: two requests may compile the same schema, none waits for another's.
#include "serve/grammars.h"

#include <algorithm>

#include "http/error.h"
#include "serve/body.h"

namespace r1v {
namespace {

constexpr size_t kMaxKept = 32;

}  // namespace

std::shared_ptr<const TokenTrie> Grammars::tokens_of(const Generator& generator) {
  const std::lock_guard lock(mutex_);
  for (const auto& [owner, tokens] : tries_) {
    if (owner == &generator) return tokens;
  }
  return tries_.emplace_back(&generator, make_token_trie(generator.tokenizer())).second;
}

std::shared_ptr<const Grammar> Grammars::of(const Json* schema, const std::string& param, const Generator& generator) {
  const std::string text = schema == nullptr ? "" : dump_json(*schema);
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find_if(
        entries_, [&](const Entry& entry) { return entry.generator == &generator && entry.schema == text; });
    if (found != entries_.end()) {
      entries_.splice(entries_.begin(), entries_, found);
      return found->grammar;
    }
  }
  std::shared_ptr<const Grammar> grammar;
  try {
    const auto tokens = tokens_of(generator);
    grammar = schema == nullptr ? grammar_of_object(tokens) : grammar_of_schema(*schema, tokens);
  } catch (const InputError& error) {
    throw HttpError(400, "invalid_json_schema", cat(param, ": ", error.what()), param);
  }
  const std::lock_guard lock(mutex_);
  entries_.push_front({&generator, text, grammar});
  if (entries_.size() > kMaxKept) entries_.pop_back();
  return grammar;
}

std::shared_ptr<const Grammar> Grammars::read(const Json* format, const std::string& param,
                                              const Generator& generator) {
  if (format == nullptr || format->at("type") == "text") return nullptr;
  if (format->at("type") == "json_object") return of(nullptr, param, generator);
  // Chat requests wrap it once more than those of the responses route.
  const Json* wrapped = field_of(*format, "json_schema");
  const Json& holder = wrapped == nullptr ? *format : *wrapped;
  return of(&holder.at("schema"), cat(param, wrapped == nullptr ? ".schema" : ".json_schema.schema"), generator);
}

}  // namespace r1v

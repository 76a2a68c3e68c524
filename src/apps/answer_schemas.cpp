// Lines of a file mostly ask for the same few schemas.
#include "apps/answer_schemas.h"

#include "base/error.h"
#include "base/file.h"

namespace r1v {
namespace {

constexpr size_t kMaxKept = 32;
constexpr const char* kWhatNext = "; docs/json-schema.md lists what is supported";

}  // namespace

Json read_schema(const std::filesystem::path& path) {
  const std::string where = cat("--json-schema ", path.string());
  Json schema = parse_json(read_file(path), where);
  if (schema.is_object() || schema.is_boolean()) return schema;
  throw InputError(
      cat(where, ": found ", schema.type_name(), ", expected a JSON schema, an object as {\"type\": ...}"));
}

std::shared_ptr<const Grammar> AnswerSchemas::of(const Json& schema, const std::string& where) {
  const std::string text = dump_json(schema);
  if (const auto known = grammars_.find(text); known != grammars_.end()) return known->second;
  if (!tokens_) tokens_ = make_token_trie(tokenizer_);
  std::shared_ptr<const Grammar> grammar;
  try {
    grammar = grammar_of_schema(schema, tokens_);
  } catch (const InputError& error) {
    throw InputError(cat(where, ": ", error.what(), kWhatNext));
  }
  if (grammars_.size() >= kMaxKept) grammars_.clear();
  return grammars_[text] = grammar;
}

}  // namespace r1v

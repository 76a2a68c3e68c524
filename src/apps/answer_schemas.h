// `ask --json-schema` and the schemas of lines: what answers must look like, compiled once each.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "base/json.h"
#include "constrain/grammar.h"

namespace r1v {

/// The schema in a file. throws InputError: no such file, no JSON (message with the path).
Json read_schema(const std::filesystem::path& path);

class AnswerSchemas {
 public:
  /// The tokenizer of the model that answers; it outlives this.
  explicit AnswerSchemas(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {}

  /// throws InputError, beginning with `where`: a schema that is none, a keyword that is not supported.
  std::shared_ptr<const Grammar> of(const Json& schema, const std::string& where);

 private:
  const Tokenizer& tokenizer_;
  std::shared_ptr<const TokenTrie> tokens_;                         // once a schema has come
  std::map<std::string, std::shared_ptr<const Grammar>> grammars_;  // by the schema's text
};

}  // namespace r1v

// What answers must look like: compiled once, kept for the next request that asks for the same.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "constrain/grammar.h"
#include "engine/service.h"

namespace r1v {

/// Any thread. Generators outlive it.
class Grammars {
 public:
  /// format  of response_formats' shape, or null; param names it in refusals. Null: the answer is free.
  /// throws HttpError 400: a schema that is none, or is not supported.
  std::shared_ptr<const Grammar> read(const Json* format, const std::string& param, const Generator& generator);
  /// any JSON object; schema  null: of any kind
  std::shared_ptr<const Grammar> of(const Json* schema, const std::string& param, const Generator& generator);

 private:
  struct Entry {
    const Generator* generator;
    std::string schema;  // as written; "" = any object
    std::shared_ptr<const Grammar> grammar;
  };
  std::shared_ptr<const TokenTrie> tokens_of(const Generator& generator);

  std::mutex mutex_;
  std::list<std::pair<const Generator*, std::shared_ptr<const TokenTrie>>> tries_;
  std::list<Entry> entries_;  // the latest first
};

}  // namespace r1v

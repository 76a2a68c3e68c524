// The keywords of JSON Schema that are understood, and what their values must look like.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace r1v {

enum class KeywordKind : uint8_t {
  text,        // a string
  flag,        // true or false
  anything,    // any value
  list,        // a list of any values
  literals,    // a list of at least one value
  type,        // a type or a list of types
  count,       // a whole number, zero or more
  number,      // a number
  positive,    // a number above zero
  names,       // a list of strings
  schema,      // a schema
  schemas,     // a list of at least one schema
  schema_map,  // names and their schemas
};

struct Keyword {
  std::string_view name;
  KeywordKind kind;
};

/// null when it is not supported.
const Keyword* find_keyword(std::string_view name);
/// "type, enum, ...", for messages.
std::string supported_keywords();
/// "" when `value` is right for the keyword; otherwise what is expected. Schemas inside are not looked at.
std::string wrong_value(const Keyword& keyword, const Json& value);

inline constexpr std::string_view kTypeNames[] = {"null", "boolean", "integer", "number", "string", "object", "array"};

}  // namespace r1v

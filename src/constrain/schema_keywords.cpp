// The table of keywords.
#include "constrain/schema_keywords.h"

#include <algorithm>

namespace r1v {
namespace {

using Kind = KeywordKind;

constexpr Keyword kKeywords[] = {
    {"type", Kind::type},
    {"enum", Kind::literals},
    {"const", Kind::anything},
    {"properties", Kind::schema_map},
    {"required", Kind::names},
    {"additionalProperties", Kind::schema},
    {"patternProperties", Kind::schema_map},
    {"items", Kind::schema},
    {"prefixItems", Kind::schemas},
    {"minItems", Kind::count},
    {"maxItems", Kind::count},
    {"uniqueItems", Kind::flag},
    {"minLength", Kind::count},
    {"maxLength", Kind::count},
    {"pattern", Kind::text},
    {"format", Kind::text},
    {"minimum", Kind::number},
    {"maximum", Kind::number},
    {"exclusiveMinimum", Kind::number},
    {"exclusiveMaximum", Kind::number},
    {"multipleOf", Kind::positive},
    {"anyOf", Kind::schemas},
    {"oneOf", Kind::schemas},
    {"allOf", Kind::schemas},
    {"$ref", Kind::text},
    {"$defs", Kind::schema_map},
    {"definitions", Kind::schema_map},
    {"nullable", Kind::flag},
    // These say nothing about which documents are valid.
    {"title", Kind::text},
    {"description", Kind::text},
    {"default", Kind::anything},
    {"example", Kind::anything},
    {"examples", Kind::list},
    {"deprecated", Kind::flag},
    {"readOnly", Kind::flag},
    {"writeOnly", Kind::flag},
    {"discriminator", Kind::anything},
    {"$schema", Kind::text},
    {"$id", Kind::text},
    {"$comment", Kind::text},
};

bool is_type_name(const Json& value) {
  return value.is_string() &&
         std::find(std::begin(kTypeNames), std::end(kTypeNames), value.get<std::string>()) != std::end(kTypeNames);
}

template <typename Check>
bool is_list_of(const Json& value, Check check) {
  return value.is_array() && std::all_of(value.begin(), value.end(), check);
}

bool is_count(const Json& value) {
  if (value.is_number_float()) {
    const auto number = value.get<double>();
    return number >= 0 && number <= 1e15 && number == static_cast<double>(static_cast<int64_t>(number));
  }
  return value.is_number_unsigned() || (value.is_number_integer() && value.get<int64_t>() >= 0);
}

bool is_schema(const Json& value) { return value.is_object() || value.is_boolean(); }

const char* expected_of(Kind kind) {
  switch (kind) {
    case Kind::text:
      return "a string";
    case Kind::flag:
      return "true or false";
    case Kind::list:
      return "a list";
    case Kind::literals:
      return "a list of at least one value";
    case Kind::type:
      return "null, boolean, integer, number, string, object, array or a list of some of these";
    case Kind::count:
      return "a whole number, zero or more";
    case Kind::number:
      return "a number";
    case Kind::positive:
      return "a number above zero";
    case Kind::names:
      return "a list of strings";
    case Kind::schema:
      return "a schema (an object, true or false)";
    case Kind::schemas:
      return "a list of at least one schema";
    case Kind::schema_map:
      return "an object of schemas";
    case Kind::anything:
      break;
  }
  return "";
}

bool fits(Kind kind, const Json& value) {
  switch (kind) {
    case Kind::text:
      return value.is_string();
    case Kind::flag:
      return value.is_boolean();
    case Kind::list:
      return value.is_array();
    case Kind::literals:
      return value.is_array() && !value.empty();
    case Kind::type:
      return is_type_name(value) || (is_list_of(value, is_type_name) && !value.empty());
    case Kind::count:
      return is_count(value);
    case Kind::number:
      return value.is_number();
    case Kind::positive:
      return value.is_number() && value.get<double>() > 0;
    case Kind::names:
      return is_list_of(value, [](const Json& name) { return name.is_string(); });
    case Kind::schema:
      return is_schema(value);
    case Kind::schemas:
      return is_list_of(value, is_schema) && !value.empty();
    case Kind::schema_map:
      return value.is_object() && std::all_of(value.begin(), value.end(), is_schema);
    case Kind::anything:
      break;
  }
  return true;
}

}  // namespace

const Keyword* find_keyword(std::string_view name) {
  const auto* found = std::find_if(std::begin(kKeywords), std::end(kKeywords),
                                   [&](const Keyword& keyword) { return keyword.name == name; });
  return found == std::end(kKeywords) ? nullptr : found;
}

std::string supported_keywords() {
  std::string names;
  for (const Keyword& keyword : kKeywords) {
    if (!names.empty()) names += ", ";
    names += keyword.name;
  }
  return names;
}

std::string wrong_value(const Keyword& keyword, const Json& value) {
  return fits(keyword.kind, value) ? "" : expected_of(keyword.kind);
}

}  // namespace r1v

// Types, literals and numbers of schemas that hold together.
#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "constrain/formats.h"
#include "constrain/schema_keywords.h"
#include "constrain/schema_rules.h"

namespace r1v {
namespace {

constexpr int64_t kLargestMultiple = 100'000;

unsigned type_named(const std::string& name) {
  static constexpr unsigned kBits[] = {types::kNull,   types::kBoolean, types::kWhole, types::kNumber,
                                       types::kString, types::kObject,  types::kArray};
  return kBits[std::find(std::begin(kTypeNames), std::end(kTypeNames), name) - std::begin(kTypeNames)];
}

struct TypeOfKeyword {
  unsigned type;
  std::vector<const char*> keywords;
};

const std::vector<TypeOfKeyword>& keywords_of_types() {
  static const std::vector<TypeOfKeyword> kTable = {
      {types::kObject, {"properties", "required", "additionalProperties", "patternProperties"}},
      {types::kArray, {"items", "prefixItems", "minItems", "maxItems"}},
      {types::kString, {"minLength", "maxLength", "pattern", "format"}},
      {types::kNumber, {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}},
  };
  return kTable;
}

// The types of which a schema speaks without naming them.
unsigned types_meant(const SchemaNode& node) {
  unsigned meant = 0;
  for (const TypeOfKeyword& entry : keywords_of_types()) {
    for (const char* keyword : entry.keywords) {
      if (node.find(keyword) != nullptr) meant |= entry.type;
    }
  }
  return meant;
}

std::string at(const SchemaNode& node, const char* keyword) {
  return cat("JSON schema at ", printable(node.pointer, 200), "/", keyword, ": ");
}

int64_t multiple_of(const SchemaNode& node, const Json& value) {
  const Decimal decimal = decimal_of(value);
  if (!decimal.fraction.empty()) {
    throw InputError(cat(at(node, "multipleOf"), "found ", value.dump(),
                         ", expected a whole number; multiples of fractions are not exact in binary numbers"));
  }
  if (decimal.whole.size() > 9 || std::stoll(decimal.whole) > kLargestMultiple) {
    throw InputError(cat(at(node, "multipleOf"), "found ", value.dump(), ", at most ", kLargestMultiple));
  }
  return std::stoll(decimal.whole);
}

}  // namespace

unsigned type_of(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return types::kNull;
    case Json::value_t::boolean:
      return types::kBoolean;
    case Json::value_t::string:
      return types::kString;
    case Json::value_t::object:
      return types::kObject;
    case Json::value_t::array:
      return types::kArray;
    default:
      return decimal_of(value).fraction.empty() ? types::kWhole : types::kFraction;
  }
}

bool same_value(const Json& one, const Json& other) {
  if (one.is_number() && other.is_number()) return compare(decimal_of(one), decimal_of(other)) == 0;
  if (one.type() != other.type() || one.size() != other.size()) return false;
  if (one.is_array()) return std::equal(one.begin(), one.end(), other.begin(), same_value);
  if (!one.is_object()) return one == other;
  return std::all_of(one.items().begin(), one.items().end(), [&](const auto& item) {
    const auto found = other.find(item.key());
    return found != other.end() && same_value(item.value(), *found);
  });
}

ValueRule SchemaRules::value_rule(const Conjunction& flat) {
  ValueRule rule;
  merge_types(flat, rule);
  for (const NodeId id : flat) {
    budget_.at(node(id).pointer);
    merge_strings(node(id), rule.text);
    merge_numbers(node(id), rule.number);
    merge_literals(node(id), rule);
  }
  std::sort(rule.text.patterns.begin(), rule.text.patterns.end());
  if ((rule.types & types::kFraction) == 0) rule.number.is_whole = true;
  if (rule.literals) std::erase_if(*rule.literals, [&](const Json* literal) { return !admits(flat, rule, *literal); });
  return rule;
}

void SchemaRules::merge_types(const Conjunction& flat, ValueRule& rule) const {
  bool is_said = false;
  unsigned meant = 0;
  for (const NodeId id : flat) {
    meant |= types_meant(node(id));
    if (node(id).find("enum") != nullptr || node(id).find("const") != nullptr) is_said = true;
    const Json* type = node(id).find("type");
    if (type == nullptr) continue;
    is_said = true;
    const Json* nullable = node(id).find("nullable");
    unsigned allowed = nullable != nullptr && nullable->get<bool>() ? types::kNull : 0;
    for (const Json& name : type->is_array() ? *type : Json::array({*type}))
      allowed |= type_named(name.get<std::string>());
    rule.types &= allowed;
  }
  rule.possible = rule.types;
  if (!is_said && meant != 0) rule.types = meant;
}

void SchemaRules::merge_numbers(const SchemaNode& node, NumberRule& rule) const {
  for (const bool is_exclusive : {false, true}) {
    const Json* least = node.find(is_exclusive ? "exclusiveMinimum" : "minimum");
    if (least != nullptr) rule.raise_least({decimal_of(*least), is_exclusive});
    const Json* most = node.find(is_exclusive ? "exclusiveMaximum" : "maximum");
    if (most != nullptr) rule.lower_most({decimal_of(*most), is_exclusive});
  }
  const Json* multiple = node.find("multipleOf");
  if (multiple == nullptr) return;
  rule.is_whole = true;
  rule.multiple = std::lcm(rule.multiple, multiple_of(node, *multiple));
  if (rule.multiple > kLargestMultiple) {
    throw InputError(
        cat(at(node, "multipleOf"), "together with the others it is ", rule.multiple, ", at most ", kLargestMultiple));
  }
}

void SchemaRules::merge_literals(const SchemaNode& node, ValueRule& rule) const {
  std::vector<const Json*> here;
  if (const Json* value = node.find("const")) here.push_back(value);
  if (const Json* list = node.find("enum")) {
    std::vector<const Json*> listed;
    for (const Json& value : *list) {
      if (here.empty() || same_value(*here.front(), value)) listed.push_back(&value);
    }
    here = std::move(listed);
  }
  if (node.find("const") == nullptr && node.find("enum") == nullptr) return;
  if (!rule.literals) {
    rule.literals = std::move(here);
    return;
  }
  budget_.spend(static_cast<int64_t>(rule.literals->size() * here.size() / 16));
  std::erase_if(*rule.literals, [&](const Json* literal) {
    return std::none_of(here.begin(), here.end(), [&](const Json* value) { return same_value(*literal, *value); });
  });
}

bool SchemaRules::admits(const Conjunction& flat, const ValueRule& rule, const Json& literal) {
  budget_.spend(1);
  if ((type_of(literal) & rule.possible) == 0) return false;
  if (literal.is_string()) return admits_text(rule.text, literal.get<std::string>());
  if (literal.is_number()) return rule.number.admits(literal);
  if (!literal.is_structured()) return true;
  const unsigned type = type_of(literal);
  for (const NodeId id : flat) {
    if ((types_meant(node(id)) & type) == 0) continue;
    throw InputError(cat("JSON schema at ", printable(node(id).pointer, 200),
                         ": enum and const with objects or lists cannot be combined with keywords about their parts; ",
                         "leave one of the two out"));
  }
  return true;
}

void SchemaRules::merge_strings(const SchemaNode& node, StringRule& rule) const {
  const auto add = [&](const std::string& pattern) {
    if (std::find(rule.patterns.begin(), rule.patterns.end(), pattern) == rule.patterns.end()) {
      rule.patterns.push_back(pattern);
    }
  };
  rule.raise_least(node.find("minLength"));
  rule.lower_most(node.find("maxLength"));
  if (const Json* pattern = node.find("pattern")) add(pattern->get<std::string>());
  const Json* format = node.find("format");
  if (format == nullptr) return;
  const std::string pattern = pattern_of_format(format->get<std::string>());
  if (pattern.empty()) {
    throw InputError(cat(at(node, "format"), "\"", printable(format->get<std::string>()),
                         "\" is not supported; supported are ", supported_formats()));
  }
  add(pattern);
}

}  // namespace r1v

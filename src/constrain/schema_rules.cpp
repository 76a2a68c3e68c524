// Properties, items and strings of schemas that hold together.
#include "constrain/schema_rules.h"

#include <algorithm>

namespace r1v {
namespace {

int64_t count_of(const Json& value) {
  constexpr int64_t kMost = INT32_MAX / 2;  // more than any limit of states lets through
  if (value.is_number_float()) return static_cast<int64_t>(std::min<double>(value.get<double>(), kMost));
  return static_cast<int64_t>(std::min<uint64_t>(value.get<uint64_t>(), kMost));
}

void raise(int64_t& least, const Json* value) {
  if (value != nullptr) least = std::max(least, count_of(*value));
}

void lower(int64_t& most, const Json* value) {
  if (value == nullptr) return;
  most = most == Pattern::kNoLimit ? count_of(*value) : std::min(most, count_of(*value));
}

void add_new(Conjunction& to, NodeId id) {
  if (std::find(to.begin(), to.end(), id) == to.end()) to.push_back(id);
}

void add_name(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

const NodeId* find_name(const std::vector<std::pair<std::string, NodeId>>& names, const std::string& name) {
  const auto found = std::find_if(names.begin(), names.end(), [&](const auto& entry) { return entry.first == name; });
  return found == names.end() ? nullptr : &found->second;
}

}  // namespace

std::vector<std::string> SchemaRules::property_names(const Conjunction& flat) const {
  std::vector<std::string> names;
  for (const NodeId id : flat) {
    budget_.spend(static_cast<int64_t>(node(id).properties.size() / 4));
    for (const auto& [name, child] : node(id).properties) add_name(names, name);
  }
  for (const NodeId id : flat) {
    const Json* required = node(id).find("required");
    if (required == nullptr) continue;
    for (const Json& name : *required) add_name(names, name.get<std::string>());
  }
  return names;
}

bool SchemaRules::is_required(const Conjunction& flat, const std::string& name) const {
  return std::any_of(flat.begin(), flat.end(), [&](NodeId id) {
    const Json* required = node(id).find("required");
    return required != nullptr && std::any_of(required->begin(), required->end(), [&](const Json& entry) {
             return entry.get_ref<const std::string&>() == name;
           });
  });
}

Conjunction SchemaRules::property(const Conjunction& flat, const std::string& name) {
  Conjunction out;
  for (const NodeId id : flat) {
    const SchemaNode& node = this->node(id);
    bool is_named = false;
    if (const NodeId* child = find_name(node.properties, name)) {
      add_new(out, *child);
      is_named = true;
    }
    for (const auto& [pattern, child] : node.pattern_properties) {
      if (!admits_text({.patterns = {pattern}}, name)) continue;
      add_new(out, child);
      is_named = true;
    }
    if (!is_named && node.additional_properties != SchemaNode::kNone) add_new(out, node.additional_properties);
  }
  return out;
}

std::vector<std::string> SchemaRules::key_patterns(const Conjunction& flat) const {
  std::vector<std::string> patterns;
  for (const NodeId id : flat) {
    for (const auto& [pattern, child] : node(id).pattern_properties) add_name(patterns, pattern);
  }
  return patterns;
}

bool SchemaRules::invites_more_keys(const Conjunction& flat) const {
  const auto any = [&](const char* keyword) {
    return std::any_of(flat.begin(), flat.end(), [&](NodeId id) { return node(id).find(keyword) != nullptr; });
  };
  return any("additionalProperties") || (!any("properties") && !any("patternProperties"));
}

Conjunction SchemaRules::free_property(const Conjunction& flat, const std::string& pattern) const {
  Conjunction out;
  for (const NodeId id : flat) {
    const SchemaNode& node = this->node(id);
    if (const NodeId* child = find_name(node.pattern_properties, pattern)) {
      add_new(out, *child);
    } else if (node.additional_properties != SchemaNode::kNone) {
      add_new(out, node.additional_properties);
    }
  }
  return out;
}

ItemsRule SchemaRules::items_rule(const Conjunction& flat) const {
  ItemsRule rule;
  for (const NodeId id : flat) {
    raise(rule.least, node(id).find("minItems"));
    lower(rule.most, node(id).find("maxItems"));
    rule.prefix = std::max(rule.prefix, node(id).prefix_items.size());
  }
  return rule;
}

Conjunction SchemaRules::item(const Conjunction& flat, size_t index) const {
  Conjunction out;
  for (const NodeId id : flat) {
    const SchemaNode& node = this->node(id);
    if (index < node.prefix_items.size()) {
      add_new(out, node.prefix_items[index]);
    } else if (node.items != SchemaNode::kNone) {
      add_new(out, node.items);
    }
  }
  return out;
}

const TextAutomaton& SchemaRules::text(const StringRule& rule) {
  StringRule key = rule;
  key.most = Pattern::kNoLimit;
  std::unique_ptr<TextAutomaton>& known = texts_[key];
  if (known) return *known;
  TextAutomaton text = any_text();
  for (const std::string& pattern : rule.patterns) {
    text = both(text, text_with_pattern(parse_pattern(pattern, budget_), budget_), budget_);
  }
  known = std::make_unique<TextAutomaton>(at_least(rule.least, text, budget_));
  return *known;
}

bool SchemaRules::admits_text(const StringRule& rule, const std::string& text) {
  const auto is_start = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; };
  const auto length = std::count_if(text.begin(), text.end(), is_start);  // characters
  if (length < rule.least || (rule.most != Pattern::kNoLimit && length > rule.most)) return false;
  return rule.is_plain() || this->text({.patterns = rule.patterns}).matches(text);
}

void StringRule::raise_least(const Json* value) { raise(least, value); }
void StringRule::lower_most(const Json* value) { lower(most, value); }

}  // namespace r1v

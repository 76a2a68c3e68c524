// What several schemas say together: alternatives, types, bounds, properties and items.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "constrain/decimal.h"
#include "constrain/schema_nodes.h"
#include "constrain/text_automaton.h"

namespace r1v {

/// Schemas that must all hold, in the order in which they were met; none twice. Empty: anything goes.
using Conjunction = std::vector<NodeId>;

namespace types {
inline constexpr unsigned kNull = 1, kBoolean = 2, kWhole = 4, kFraction = 8, kString = 16, kObject = 32, kArray = 64;
inline constexpr unsigned kNumber = kWhole | kFraction;
inline constexpr unsigned kAll = 127;
}  // namespace types

struct StringRule {
  int64_t least = 0;
  int64_t most = Pattern::kNoLimit;
  std::vector<std::string> patterns;  // of formats too; sorted, all must match
  bool is_plain() const { return patterns.empty(); }
  /// null changes nothing.
  void raise_least(const Json* value);
  void lower_most(const Json* value);
  auto operator<=>(const StringRule&) const = default;
};

/// A conjunction without anyOf, oneOf, allOf and $ref, in one piece; objects and arrays are asked for by their parts.
struct ValueRule {
  unsigned types = types::kAll;                      // that are written
  unsigned possible = types::kAll;                   // that would be valid too, where no type is named
  std::optional<std::vector<const Json*>> literals;  // of enum and const: only these, and they pass the rest
  NumberRule number;
  StringRule text;
};

struct ItemsRule {
  int64_t least = 0;
  int64_t most = Pattern::kNoLimit;
  size_t prefix = 0;  // so many items have schemas of their own
};

class SchemaRules {
 public:
  SchemaRules(std::vector<SchemaNode> nodes, Budget& budget) : nodes_(std::move(nodes)), budget_(budget) {}
  const SchemaNode& node(NodeId id) const { return nodes_[static_cast<size_t>(id)]; }

  /// All ways to satisfy it, each free of alternatives; none when nothing can.
  /// throws InputError: too many, a $ref that comes back to itself.
  std::vector<Conjunction> alternatives(const Conjunction& all);
  /// Of all that alternatives() has met since the last call. throws InputError: two of a oneOf may hold at once.
  void check_one_ofs();
  /// These take one of alternatives().
  ValueRule value_rule(const Conjunction& flat);
  const TextAutomaton& text(const StringRule& rule);  // of its patterns and the least length, not the most
  std::vector<std::string> property_names(const Conjunction& flat) const;
  bool is_required(const Conjunction& flat, const std::string& name) const;
  Conjunction property(const Conjunction& flat, const std::string& name);
  /// Of patternProperties; each once.
  std::vector<std::string> key_patterns(const Conjunction& flat) const;
  /// Whether keys that the schemas do not name are written: where that is asked for, or no property is named at all.
  bool invites_more_keys(const Conjunction& flat) const;
  /// What a key that matches this pattern and nothing else leads to; "" = one that matches none.
  Conjunction free_property(const Conjunction& flat, const std::string& pattern) const;
  ItemsRule items_rule(const Conjunction& flat) const;
  Conjunction item(const Conjunction& flat, size_t index) const;

 private:
  friend class Apartness;
  const std::vector<Conjunction>& alternatives_of(NodeId id);
  std::vector<Conjunction> combined(const std::vector<Conjunction>& some, const std::vector<Conjunction>& others);
  std::vector<Conjunction> any_of(const std::vector<NodeId>& ids);
  void check_count(size_t count) const;
  void check_one_of(NodeId id);
  void merge_types(const Conjunction& flat, ValueRule& rule) const;
  void merge_numbers(const SchemaNode& node, NumberRule& rule) const;
  void merge_strings(const SchemaNode& node, StringRule& rule) const;
  void merge_literals(const SchemaNode& node, ValueRule& rule) const;
  bool admits(const Conjunction& flat, const ValueRule& rule, const Json& literal);
  bool admits_text(const StringRule& rule, const std::string& text);

  std::vector<SchemaNode> nodes_;
  Budget& budget_;
  std::map<NodeId, std::vector<Conjunction>> known_;
  std::map<NodeId, bool> is_open_;  // on the way; to find circles
  std::map<StringRule, std::unique_ptr<TextAutomaton>> texts_;
  std::vector<NodeId> unchecked_one_ofs_;
  int64_t depth_ = 0;
};

unsigned type_of(const Json& value);
/// As JSON Schema compares: 1 is 1.0, and the order of properties says nothing.
bool same_value(const Json& one, const Json& other);

}  // namespace r1v

// A JSON schema read and checked: every schema in it as a node, keywords and types already looked at.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "constrain/budget.h"

namespace r1v {

using NodeId = int32_t;

/// One schema. Scalar keywords (minimum, pattern, enum, ...) stay in `json`, where they have the right types.
struct SchemaNode {
  static constexpr NodeId kNone = -1;

  std::string pointer;  // "#/properties/name"
  const Json* json = nullptr;
  std::vector<std::pair<std::string, NodeId>> properties;  // in their order
  std::vector<std::pair<std::string, NodeId>> pattern_properties;
  NodeId additional_properties = kNone;
  NodeId items = kNone;
  std::vector<NodeId> prefix_items;
  std::vector<NodeId> all_of;
  std::vector<NodeId> any_of;
  std::vector<NodeId> one_of;
  NodeId reference = kNone;

  /// null when the schema does not have it (or is true or false).
  const Json* find(const std::string& keyword) const;
  bool is_false() const { return json->is_boolean() && !json->get<bool>(); }
};

/// Node 0 is the whole schema. throws InputError naming pointer and keyword: a keyword that is not supported, a value
/// of the wrong type, a $ref that leads nowhere, too deep, too large. `schema` outlives the result.
std::vector<SchemaNode> read_schema(const Json& schema, const GrammarLimits& limits, Budget& budget);

/// A pointer with one more step, escaped as RFC 6901 says.
std::string pointer_to(const std::string& pointer, const std::string& step);

}  // namespace r1v

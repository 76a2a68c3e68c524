// anyOf, oneOf, allOf and $ref multiplied out.
#include <algorithm>

#include "base/error.h"
#include "constrain/apartness.h"
#include "constrain/schema_rules.h"

namespace r1v {
namespace {

constexpr size_t kMostAlternatives = 2048;

void append_new(Conjunction& to, const Conjunction& from) {
  for (const NodeId id : from) {
    if (std::find(to.begin(), to.end(), id) == to.end()) to.push_back(id);
  }
}

}  // namespace

void SchemaRules::check_count(size_t count) const {
  if (count <= kMostAlternatives) return;
  throw InputError(cat("JSON schema at ", printable(budget_.pointer(), 200),
                       ": anyOf, oneOf and allOf multiply to more than ", kMostAlternatives,
                       " alternatives; use fewer of them inside each other"));
}

std::vector<Conjunction> SchemaRules::combined(const std::vector<Conjunction>& some,
                                               const std::vector<Conjunction>& others) {
  check_count(some.size() * others.size());
  std::vector<Conjunction> out;
  for (const Conjunction& one : some) {
    for (const Conjunction& other : others) {
      Conjunction& both = out.emplace_back(one);
      append_new(both, other);
      budget_.spend(1 + static_cast<int64_t>(both.size() / 8));
    }
  }
  return out;
}

std::vector<Conjunction> SchemaRules::any_of(const std::vector<NodeId>& ids) {
  std::vector<Conjunction> out;
  for (const NodeId id : ids) {
    const std::vector<Conjunction>& more = alternatives_of(id);
    check_count(out.size() + more.size());
    out.insert(out.end(), more.begin(), more.end());
  }
  return out;
}

const std::vector<Conjunction>& SchemaRules::alternatives_of(NodeId id) {
  const auto known = known_.find(id);
  if (known != known_.end()) return known->second;
  const SchemaNode& node = this->node(id);
  if (is_open_[id]) {
    throw InputError(cat("JSON schema at ", printable(node.pointer, 200),
                         ": it refers to itself without a property or an item in between; such a schema says nothing"));
  }
  if (++depth_ > 4 * budget_.max_depth()) {
    throw InputError(cat("JSON schema at ", printable(node.pointer, 200), ": a chain of more than ",
                         4 * budget_.max_depth(), " references"));
  }
  is_open_[id] = true;
  budget_.at(node.pointer);
  std::vector<Conjunction> out;
  if (!node.is_false()) out.push_back({id});
  if (node.reference != SchemaNode::kNone) out = combined(out, alternatives_of(node.reference));
  for (const NodeId part : node.all_of) out = combined(out, alternatives_of(part));
  if (!node.any_of.empty()) out = combined(out, any_of(node.any_of));
  if (!node.one_of.empty()) out = combined(out, any_of(node.one_of));
  is_open_[id] = false;
  --depth_;
  if (!node.one_of.empty()) unchecked_one_ofs_.push_back(id);
  return known_[id] = std::move(out);
}

std::vector<Conjunction> SchemaRules::alternatives(const Conjunction& all) {
  std::vector<Conjunction> out{{}};
  for (const NodeId id : all) out = combined(out, alternatives_of(id));
  return out;
}

void SchemaRules::check_one_ofs() {
  while (!unchecked_one_ofs_.empty()) {
    const NodeId id = unchecked_one_ofs_.back();
    unchecked_one_ofs_.pop_back();
    check_one_of(id);
  }
}

// Exactly one may hold: as long as no document satisfies two of them, that is any one.
void SchemaRules::check_one_of(NodeId id) {
  const SchemaNode& node = this->node(id);
  for (size_t i = 0; i < node.one_of.size(); ++i) {
    for (size_t j = i + 1; j < node.one_of.size(); ++j) {
      budget_.at(pointer_to(node.pointer, "oneOf"));
      if (Apartness(*this, budget_).are_apart(id, node.one_of[i], node.one_of[j])) continue;
      throw InputError(cat("JSON schema at ", printable(node.pointer, 200), "/oneOf: alternatives ", i, " and ", j,
                           " may both hold; give each a required property with its own const, or use anyOf"));
    }
  }
}

}  // namespace r1v

// Type by type: for everything both allow there must be a reason why no value is in both.
#include "constrain/apartness.h"

#include <algorithm>

namespace r1v {
namespace {

constexpr int kDeepest = 4;  // properties inside properties that are looked at

}  // namespace

bool Apartness::are_apart(NodeId common, NodeId one, NodeId other) {
  std::vector<Conjunction> ones = rules_.alternatives({one}), others = rules_.alternatives({other});
  for (auto* side : {&ones, &others}) {
    for (Conjunction& flat : *side) flat.push_back(common);
  }
  return are_apart(ones, others);
}

bool Apartness::are_apart(const std::vector<Conjunction>& ones, const std::vector<Conjunction>& others) {
  if (depth_ >= kDeepest) return false;
  ++depth_;
  bool is_sure = true;
  for (const Conjunction& one : ones) {
    for (const Conjunction& other : others) is_sure = is_sure && flats_are_apart(one, other);
  }
  --depth_;
  return is_sure;
}

bool Apartness::flats_are_apart(const Conjunction& one, const Conjunction& other) {
  budget_.spend(1);
  const ValueRule left = rules_.value_rule(one), right = rules_.value_rule(other);
  if (left.literals) return literals_are_apart(left, other);
  if (right.literals) return literals_are_apart(right, one);
  const unsigned shared = left.possible & right.possible;
  if ((shared & (types::kNull | types::kBoolean)) != 0) return false;
  if ((shared & types::kNumber) != 0 && !left.number.is_apart_from(right.number)) return false;
  if ((shared & types::kString) != 0 && !texts_are_apart(left.text, right.text)) return false;
  if ((shared & types::kObject) != 0 && !objects_are_apart(one, other)) return false;
  return (shared & types::kArray) == 0 || arrays_are_apart(one, other);
}

bool Apartness::literals_are_apart(const ValueRule& rule, const Conjunction& other) {
  const ValueRule right = rules_.value_rule(other);
  for (const Json* literal : *rule.literals) {
    if (right.literals) {
      const auto is_same = [&](const Json* value) { return same_value(*literal, *value); };
      if (std::any_of(right.literals->begin(), right.literals->end(), is_same)) return false;
    } else if (literal->is_structured() ? (type_of(*literal) & right.possible) != 0
                                        : rules_.admits(other, right, *literal)) {
      return false;
    }
  }
  return true;
}

bool Apartness::texts_are_apart(const StringRule& one, const StringRule& other) {
  const auto is_over = [](int64_t least, int64_t most) { return most != Pattern::kNoLimit && least > most; };
  if (is_over(one.least, other.most) || is_over(other.least, one.most)) return true;
  if (one.is_plain() || other.is_plain()) return false;
  return both(rules_.text(one), rules_.text(other), budget_).is_empty();
}

bool Apartness::objects_are_apart(const Conjunction& one, const Conjunction& other) {
  std::vector<std::string> names = rules_.property_names(one);
  const std::vector<std::string> more = rules_.property_names(other);
  names.insert(names.end(), more.begin(), more.end());
  for (const std::string& name : names) {
    const bool left = rules_.is_required(one, name), right = rules_.is_required(other, name);
    if (!left && !right) continue;
    budget_.spend(1);
    const std::vector<Conjunction> left_value = rules_.alternatives(rules_.property(one, name));
    const std::vector<Conjunction> right_value = rules_.alternatives(rules_.property(other, name));
    // Required here, forbidden there; or required by both with values that are apart.
    if ((left && right_value.empty()) || (right && left_value.empty())) return true;
    if (left && right && are_apart(left_value, right_value)) return true;
  }
  return false;
}

bool Apartness::arrays_are_apart(const Conjunction& one, const Conjunction& other) const {
  const ItemsRule left = rules_.items_rule(one), right = rules_.items_rule(other);
  return (left.most != Pattern::kNoLimit && right.least > left.most) ||
         (right.most != Pattern::kNoLimit && left.least > right.most);
}

}  // namespace r1v

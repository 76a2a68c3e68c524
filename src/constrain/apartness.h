// Can one document satisfy two schemas?
#pragma once

#include "constrain/schema_rules.h"

namespace r1v {

/// Says yes only where it is certain that none can: types, literals, ranges, patterns, or a property both require.
class Apartness {
 public:
  Apartness(SchemaRules& rules, Budget& budget) : rules_(rules), budget_(budget) {}
  /// common  a schema whose own keywords hold for both, so that its type counts.
  bool are_apart(NodeId common, NodeId one, NodeId other);

 private:
  bool are_apart(const std::vector<Conjunction>& ones, const std::vector<Conjunction>& others);
  bool flats_are_apart(const Conjunction& one, const Conjunction& other);
  bool literals_are_apart(const ValueRule& rule, const Conjunction& other);
  bool texts_are_apart(const StringRule& one, const StringRule& other);
  bool objects_are_apart(const Conjunction& one, const Conjunction& other);
  bool arrays_are_apart(const Conjunction& one, const Conjunction& other) const;

  SchemaRules& rules_;
  Budget& budget_;
  int depth_ = 0;
};

}  // namespace r1v

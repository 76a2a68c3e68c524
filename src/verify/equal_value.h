// Are two expressions, equations or inequalities the same, computed with a given number of bits?
#pragma once

#include "verify/answer.h"

namespace r1v {

/// See same_answer for what is decided. Every method throws NeedPrecision while the bits do not suffice.
class ValueComparer {
 public:
  ValueComparer(const Arithmetic& arithmetic, uint64_t seed) : arithmetic_(arithmetic), seed_(seed) {}

  bool same_value(const Expression& gold, const Expression& given) const;
  /// Both say left - right = 0: the same if one difference is a constant multiple of the other.
  bool same_equation(const Answer& gold, const Answer& given) const;
  /// The same with right - left > 0 and a positive multiple.
  bool same_link(const Answer::Link& gold, const Answer::Link& given) const;
  /// right - left is a sum of multiples of the variables and a constant.
  bool is_linear(const Answer::Link& link) const;

 private:
  using Values = std::map<std::string, Number>;

  Values point(const std::set<std::string>& names, int index) const;
  bool same_rounded(const Number& a, const Number& b, const Arithmetic& arithmetic) const;
  bool same_at(const Expression& gold, const Expression& given, const Values& values, EvaluateOptions options) const;
  bool same_everywhere(const Expression& gold, const Expression& given, EvaluateOptions options) const;
  std::optional<Number> common_ratio(const Answer::Link& gold, const Answer::Link& given) const;

  const Arithmetic& arithmetic_;
  uint64_t seed_;
};

}  // namespace r1v

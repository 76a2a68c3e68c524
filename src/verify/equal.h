// Are two mathematical answers the same?
#pragma once

#include <string_view>

#include "verify/answer.h"

namespace r1v {

/// Rational values are compared exactly. Where a decimal point stands on either side, both are rounded to six decimals
/// (and must agree within one percent, so that tiny values do not all become zero). Irrational values are computed
/// twice, with 320 and 640 bits: a difference that shrinks with the precision is zero, one that stays is not.
/// Expressions with variables are compared at several points. The order of the arguments matters: a bare value answers
/// "x = 4", while a gold value is only met by an equation that names it.
/// seed     makes the points unpredictable to whoever writes the answer, and the same for the same pair.
/// throws Undecidable: too much work, undefined values, forms that cannot be compared.
bool same_answer(const Answer& gold, const Answer& given, uint64_t seed);

}  // namespace r1v

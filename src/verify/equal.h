// Are two mathematical answers the same?
#pragma once

#include <string_view>

#include "verify/answer.h"

namespace r1v {

/// What is decided, and how far: rational values are compared exactly. Irrational ones are balls that surely hold the
/// value: different is proven by a difference whose ball excludes zero. Equal is proven for values made of fractions
/// and roots (a separation bound), and for all others accepted when the difference is below 2^-384 and below 2^-(8 b),
/// b the largest size in bits of any value on the way: precision rises until one or the other holds, and at 16,384 bits
/// the pair stays open. Where a decimal point stands on either side both are rounded to six decimals (and must agree
/// within one percent, so that tiny values do not all become zero). Expressions with variables are compared at several
/// points, within the real numbers where both exist there. The order of the arguments matters: a bare value answers "x
/// = 4", while a gold value is only met by an equation that names it.
///
/// seed     makes the points unpredictable to whoever writes the answer, and the same for the same pair.
///
/// throws Undecidable: too much work, undefined values, forms that cannot be compared.
bool same_answer(const Answer& gold, const Answer& given, uint64_t seed);

}  // namespace r1v

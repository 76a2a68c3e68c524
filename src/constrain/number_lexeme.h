// Numbers of JSON within bounds, as an automaton over their digits.
#pragma once

#include "constrain/decimal.h"
#include "constrain/lexeme.h"

namespace r1v {

/// Whole numbers: no zeros in front, no -0; 18 digits, or as many as `least` and `most` need. Others: without bounds 15
/// digits, 15 of a fraction and two of an exponent; within bounds no exponent and 15 digits in all, which a double
/// holds exactly enough for every comparison to come out right. An automaton that accepts nothing when there is no
/// such number.
ByteAutomaton number_lexeme(const NumberRule& rule, Budget& budget);

}  // namespace r1v

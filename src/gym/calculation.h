// A calculation with its steps in front of its result, as one clause of a solution: "47+38: 7+8=15, 4+3+1=8: 85".
#pragma once

#include <string>
#include <vector>

namespace r1v {

/// Sums of one busy column without a carry are facts: "5+8=13", "52+20=72"; the rest is worked in columns, units first.
/// Negative numbers are not worked: "-5+3=-2".
std::string worked_sum(int a, int b);
/// Left to right, clauses joined by "; ". Empty for one number.
std::string worked_sum(const std::vector<int>& numbers);
/// "9-4=5", "58-20=38", "52-38: 12-8=4, 5-1-3=1: 14"; "3-5=-2" for a negative result.
std::string worked_difference(int a, int b);
/// "6*4=24", "47*6: 7*6=42, 4*6+4=28: 282"; two numbers above 9 are split into tens and units. Neither negative.
std::string worked_product(int a, int b);
/// "24/6=4 because 4*6=24". Exact only.
std::string worked_quotient(int a, int b);

}  // namespace r1v

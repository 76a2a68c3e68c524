// Worked arithmetic in steps small enough for a small model, and the assistant's whole reply.
#pragma once

#include <string>
#include <vector>

#include "gym/task.h"

namespace r1v {

/// "5+3=8"; with more digits one column at a time, units first, carries added: 47, 38 -> "7+8=15, 4+3+1=8: 85".
/// Both at least 0.
std::string add_steps(int a, int b);
/// "9-4=5"; borrowing is written out: 52, 38 -> "12-8=4, 5-1-3=1: 14". 0 <= b <= a.
std::string subtract_steps(int a, int b);
/// One digit times any number: 47, 6 -> "7*6=42, 4*6+4=28: 282". a at least 0, 0 <= digit <= 9.
std::string multiply_steps(int a, int digit);
/// Adds from left to right, one add_steps a time: {3, 5, 4} -> "3+5=8, 8+4=12";
/// {12, 30, 9} -> "12+30: 2+0=2, 1+3=4: 42; 42+9: 2+9=11, 4+0+1=5: 51". At least one number.
std::string sum_steps(const std::vector<int>& numbers);

/// What the assistant should write: "<think>\n...\n</think>\n\n\\boxed{...}".
std::string assistant_text(const Task& task);
/// The same with another answer and the thinking that leads to it.
std::string assistant_text(const std::string& thinking, const std::string& answer);

/// The thinking of a solver who made the slip: the solution with the last mention of the answer replaced, or with a
/// conclusion added when the answer is not mentioned word for word.
std::string wrong_thinking(const Task& task, const Distractor& wrong);

}  // namespace r1v

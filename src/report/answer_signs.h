// Signs in a text that an answer was made to please the judge rather than to be right.
#pragma once

#include <string>
#include <string_view>

namespace r1v {

/// How many \boxed{} stand behind the thought (in the whole text when no thought ends).
size_t num_boxes(std::string_view text);

/// Says what else stands beside an answer in one of those boxes: "3 letters in one box: A, C, D" where the gold answer
/// is one letter, "several answers in one box: 3 or 4" where the gold answer is not written so. Empty: nothing.
std::string crowded_box(std::string_view text, std::string_view gold);

/// The longest run of the question's words in the text, lower case, one space between words. Empty when it is shorter
/// than three quarters of the question (sixteen words are enough of a long one), or than five words.
std::string repeated_question(std::string_view text, std::string_view question);

}  // namespace r1v

// Multiple choice: which letter does a text name?
#pragma once

#include <optional>
#include <string_view>

namespace r1v {

/// The letter A to J that a short answer names, upper case: "B", "(b)", "B.", "B) 12", "**B**", "\text{(B)}", "option
/// B", "the answer is (B)". Empty when none or more than one could be meant ("A cat", "A or B").
std::optional<char> choice_letter(std::string_view text);

}  // namespace r1v

// Answers in words: names, colours, yes and no, times of day, and numbers spelled out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace r1v {

/// Same word or words: case, articles, hyphens, spaces, markup and a final full stop do not count; for times of day
/// ("03:45") neither does a leading zero.
bool same_words(std::string_view gold, std::string_view given);

/// "three", "Twenty-one", "minus one hundred and five"; empty when it is not a number in words.
std::optional<int64_t> number_from_words(std::string_view text);

/// "dozen", "hundred", "half": words that change the number in front of them.
bool changes_number(std::string_view word);

/// "3:45", "03:45", "3:45 pm".
bool is_time_of_day(std::string_view text);

/// Cuts a unit or a noun behind a number: "12 cm^2", "9 apples", "5m" -> "12", "9", "5". `text` comes from clean_math.
/// Empty when there is nothing to cut, or when cutting could change the meaning ("3x", "2 dozen").
std::optional<std::string> without_unit(std::string_view text);

}  // namespace r1v

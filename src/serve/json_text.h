// JSON written straight into a string, for what a server sends thousands of times a second.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace r1v {

/// The inside of a JSON string; bytes that are not UTF-8 become U+FFFD.
void append_escaped(std::string_view text, std::string& out);
/// With its quotes.
void append_quoted(std::string_view text, std::string& out);
void append_integer(int64_t value, std::string& out);
/// The shortest text that reads back as the same number. throws R1V_CHECK for infinities and NaN.
void append_number(double value, std::string& out);

}  // namespace r1v

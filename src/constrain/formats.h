// The formats that can be written exactly, as patterns.
#pragma once

#include <string>
#include <string_view>

namespace r1v {

/// "" when the format is not supported.
std::string pattern_of_format(std::string_view format);
/// "date, time, ...", for messages.
std::string supported_formats();

}  // namespace r1v

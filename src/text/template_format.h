// Python's two ways to format text: "%s" % value and "{}".format(value).
#pragma once

#include <string>
#include <string_view>

#include "text/template_arguments.h"
#include "text/template_value.h"

namespace r1v::jinja {

/// `text % values`: a tuple gives several values, a dict those of %(name)s. Throws RenderError as Python would.
std::string format_percent(std::string_view text, const Value& values);
/// text.format(...): {}, {0}, {name}, {0.attribute[key]}, {!r} and format specifications.
std::string format_braces(std::string_view text, const CallValues& arguments, Heap& heap);

}  // namespace r1v::jinja

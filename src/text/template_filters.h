// The filters behind "|": trim, tojson, selectattr, ...
#pragma once

#include <string_view>

#include "text/template_arguments.h"
#include "text/template_value.h"

namespace r1v::jinja {

class Interpreter;

struct Filter {
  std::string_view name;
  Value (*apply)(Interpreter& interpreter, const Value& input, const CallValues& arguments);
};

/// Null when there is none of that name.
const Filter* find_filter(std::string_view name);

}  // namespace r1v::jinja

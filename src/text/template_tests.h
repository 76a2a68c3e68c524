// The tests behind "is": defined, string, mapping, ...
#pragma once

#include <string_view>

#include "text/template_arguments.h"
#include "text/template_value.h"

namespace r1v::jinja {

class Interpreter;

struct Test {
  std::string_view name;
  bool (*apply)(Interpreter& interpreter, const Value& value, const CallValues& arguments);
};

/// Null when there is none of that name.
const Test* find_test(std::string_view name);

}  // namespace r1v::jinja

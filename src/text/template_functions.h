// The functions that templates call by name: range, dict, namespace, raise_exception, strftime_now.
#pragma once

#include "text/template_arguments.h"
#include "text/template_value.h"

namespace r1v::jinja {

class Interpreter;

/// raise_exception throws the template's message as RenderError. strftime_now prints the date in the variable "now"
/// ("2026-11-21" or "2026-11-21T12:30:00") and throws without one: this room reads no clock.
Value call_function(Function function, const CallValues& arguments, Interpreter& interpreter);

}  // namespace r1v::jinja

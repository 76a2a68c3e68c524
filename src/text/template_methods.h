// Methods of strings, lists, tuples, dicts and loops.
#pragma once

#include <string_view>

#include "text/template_arguments.h"
#include "text/template_value.h"

namespace r1v::jinja {

class Interpreter;

/// Whether an object has a method of that name, and whether the sandbox lets a template see it (what would change a
/// list or a dict it does not).
enum class MethodAccess { none, allowed, forbidden };
MethodAccess method_access(const Value& object, std::string_view name);

Value call_method(const Method& method, const CallValues& arguments, Interpreter& interpreter);

}  // namespace r1v::jinja

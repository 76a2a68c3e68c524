// Arithmetic and joining with Python's types and errors.
#pragma once

#include "text/template_ast.h"
#include "text/template_value.h"

namespace r1v::jinja {

/// a + b, a - b, a * b, a / b, a // b, a % b, a ** b. Throws RenderError: types that do not fit, division by zero,
/// integers beyond 64 bits.
Value binary(Operator operation, const Value& a, const Value& b, Heap& heap);
Value negate(const Value& value);
/// One link of a comparison chain.
bool compare_with(Operator operation, const Value& a, const Value& b);
/// "+", "in", ... for messages.
const char* operator_text(Operator operation);

}  // namespace r1v::jinja

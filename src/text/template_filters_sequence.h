// Filters that take lists and dicts apart: part of the table in template_filters.cpp.
#pragma once

#include "text/template_arguments.h"
#include "text/template_value.h"

namespace r1v::jinja {

class Interpreter;

Value filter_batch(Interpreter& interpreter, const Value& input, const CallValues& arguments);
Value filter_dictsort(Interpreter& interpreter, const Value& input, const CallValues& arguments);
Value filter_first(Interpreter& interpreter, const Value& input, const CallValues& arguments);
Value filter_groupby(Interpreter& interpreter, const Value& input, const CallValues& arguments);
Value filter_items(Interpreter& interpreter, const Value& input, const CallValues& arguments);
Value filter_join(Interpreter& interpreter, const Value& input, const CallValues& arguments);
Value filter_last(Interpreter& interpreter, const Value& input, const CallValues& arguments);
Value filter_length(Interpreter& interpreter, const Value& input, const CallValues& arguments);
Value filter_list(Interpreter& interpreter, const Value& input, const CallValues& arguments);
Value filter_map(Interpreter& interpreter, const Value& input, const CallValues& arguments);
Value filter_max(Interpreter& interpreter, const Value& input, const CallValues& arguments);
Value filter_min(Interpreter& interpreter, const Value& input, const CallValues& arguments);
Value filter_reject(Interpreter& interpreter, const Value& input, const CallValues& arguments);
Value filter_rejectattr(Interpreter& interpreter, const Value& input, const CallValues& arguments);
Value filter_reverse(Interpreter& interpreter, const Value& input, const CallValues& arguments);
Value filter_select(Interpreter& interpreter, const Value& input, const CallValues& arguments);
Value filter_selectattr(Interpreter& interpreter, const Value& input, const CallValues& arguments);
Value filter_slice(Interpreter& interpreter, const Value& input, const CallValues& arguments);
Value filter_sort(Interpreter& interpreter, const Value& input, const CallValues& arguments);
Value filter_sum(Interpreter& interpreter, const Value& input, const CallValues& arguments);
Value filter_unique(Interpreter& interpreter, const Value& input, const CallValues& arguments);

}  // namespace r1v::jinja

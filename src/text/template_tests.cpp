// The tests behind "is", as in jinja2 3.1 (tests.py).
#include "text/template_tests.h"

#include <algorithm>

#include "text/template_filters.h"
#include "text/template_operators.h"
#include "text/template_print.h"
#include "text/template_string.h"

namespace r1v::jinja {
namespace {

// A test without arguments.
template <bool (*Predicate)(const Value&)>
bool plain(Interpreter&, const Value& value, const CallValues& arguments) {
  const Bound none("this test", "", arguments);
  return Predicate(value);
}

// A test that compares with its one argument.
template <Operator kOperation>
bool comparison(Interpreter&, const Value& value, const CallValues& arguments) {
  const Bound bound("this test", "other", arguments);
  return compare_with(kOperation, value, bound.at(0));
}

bool is_none(const Value& value) { return value.is(Type::none); }
bool is_defined(const Value& value) { return !value.is(Type::undefined); }
bool is_undefined(const Value& value) { return value.is(Type::undefined); }
bool is_boolean(const Value& value) { return value.is(Type::boolean); }
bool is_true(const Value& value) { return value.is(Type::boolean) && value.boolean; }
bool is_false(const Value& value) { return value.is(Type::boolean) && !value.boolean; }
bool is_integer(const Value& value) { return value.is(Type::integer); }
bool is_float(const Value& value) { return value.is(Type::real); }
bool is_number(const Value& value) { return value.is_number(); }
bool is_string(const Value& value) { return value.is(Type::string); }
bool is_mapping(const Value& value) { return value.is(Type::dict); }
bool is_escaped(const Value& value) { return value.is(Type::string) && value.safe; }
bool is_lower(const Value& value) { return is_all(to_text(value), TextClass::lower); }
bool is_upper(const Value& value) { return is_all(to_text(value), TextClass::upper); }

// Has a length and can be indexed; undefined counts, as in Jinja.
bool is_sequence(const Value& value) {
  if (value.is(Type::sequence)) return value.sequence->kind <= SequenceKind::range;
  return value.is(Type::string) || value.is(Type::dict) || value.is(Type::undefined);
}

// Undefined has a __call__ that fails, so it counts, as in Jinja.
bool is_callable(const Value& value) {
  return value.is(Type::macro) || value.is(Type::function) || value.is(Type::method) || value.is(Type::undefined) ||
         value.is(Type::loop);
}

int64_t integer_of(const Value& value) {
  refuse_undefined(value);
  if (!value.is_integral()) throw RenderError("this test needs an integer");
  return value.as_integer();
}

bool is_odd(const Value& value) { return integer_of(value) % 2 != 0; }
bool is_even(const Value& value) { return integer_of(value) % 2 == 0; }

bool is_divisible_by(Interpreter&, const Value& value, const CallValues& arguments) {
  const int64_t divisor = Bound("divisibleby", "num", arguments).integer(0, 1);
  if (divisor == 0) throw RenderError("division by zero");
  return divisor == -1 || integer_of(value) % divisor == 0;
}

// Python's "is": the same object. Small values count as one object, as they do there.
bool is_same(Interpreter&, const Value& value, const CallValues& arguments) {
  const Bound bound("sameas", "other", arguments);
  const Value& other = bound.at(0);
  if (value.type != other.type) return false;
  const bool is_scalar = value.is_number() || value.is(Type::none) || value.is(Type::undefined);
  return is_scalar || value.is(Type::string) ? equal(value, other) : value.dict == other.dict;
}

bool is_filter(Interpreter&, const Value& value, const CallValues&) {
  return value.is(Type::string) && find_filter(*value.text) != nullptr;
}

bool is_test(Interpreter&, const Value& value, const CallValues&) {
  return value.is(Type::string) && find_test(*value.text) != nullptr;
}

constexpr Test kTests[] = {
    {"!=", comparison<Operator::not_equal>},
    {"<", comparison<Operator::less>},
    {"<=", comparison<Operator::less_equal>},
    {"==", comparison<Operator::equal>},
    {">", comparison<Operator::greater>},
    {">=", comparison<Operator::greater_equal>},
    {"boolean", plain<is_boolean>},
    {"callable", plain<is_callable>},
    {"defined", plain<is_defined>},
    {"divisibleby", is_divisible_by},
    {"eq", comparison<Operator::equal>},
    {"equalto", comparison<Operator::equal>},
    {"escaped", plain<is_escaped>},
    {"even", plain<is_even>},
    {"false", plain<is_false>},
    {"filter", is_filter},
    {"float", plain<is_float>},
    {"ge", comparison<Operator::greater_equal>},
    {"greaterthan", comparison<Operator::greater>},
    {"gt", comparison<Operator::greater>},
    {"in", comparison<Operator::in>},
    {"integer", plain<is_integer>},
    {"iterable", plain<is_iterable>},
    {"le", comparison<Operator::less_equal>},
    {"lessthan", comparison<Operator::less>},
    {"lower", plain<is_lower>},
    {"lt", comparison<Operator::less>},
    {"mapping", plain<is_mapping>},
    {"ne", comparison<Operator::not_equal>},
    {"none", plain<is_none>},
    {"number", plain<is_number>},
    {"odd", plain<is_odd>},
    {"sameas", is_same},
    {"sequence", plain<is_sequence>},
    {"string", plain<is_string>},
    {"test", is_test},
    {"true", plain<is_true>},
    {"undefined", plain<is_undefined>},
    {"upper", plain<is_upper>},
};

}  // namespace

const Test* find_test(std::string_view name) {
  const auto found = std::ranges::find(kTests, name, &Test::name);
  return found == std::end(kTests) ? nullptr : found;
}

}  // namespace r1v::jinja

// Arithmetic and joining with Python's types and errors.
#include "text/template_operators.h"

#include <cmath>
#include <optional>

#include "base/error.h"
#include "text/template_format.h"
#include "text/template_string.h"

namespace r1v::jinja {
namespace {

[[noreturn]] void refuse(Operator operation, const Value& a, const Value& b) {
  refuse_undefined(a);
  refuse_undefined(b);
  throw RenderError(cat("\"", operator_text(operation), "\" does not work on ", type_name(a), " and ", type_name(b)));
}

[[noreturn]] void overflow() { throw RenderError("an integer does not fit 64 bits"); }

// "a" + "b"; with a safe string on either side the other side is escaped, as markupsafe does.
Value join_strings(const Value& a, const Value& b, Heap& heap) {
  if (!a.safe && !b.safe) return heap.string(*a.text + *b.text);
  const std::string left = a.safe ? *a.text : escape_html(*a.text);
  Value joined = heap.string(left + (b.safe ? *b.text : escape_html(*b.text)));
  joined.safe = true;
  return joined;
}

bool is_list_like(const Value& value) {
  return value.is(Type::sequence) &&
         (value.sequence->kind == SequenceKind::list || value.sequence->kind == SequenceKind::tuple);
}

Value join_lists(const Value& a, const Value& b, Heap& heap) {
  std::vector<Value> values = a.sequence->values;
  values.insert(values.end(), b.sequence->values.begin(), b.sequence->values.end());
  return heap.sequence(a.sequence->kind, std::move(values));
}

Value repeat(const Value& value, int64_t count, Heap& heap) {
  const size_t times = count > 0 ? static_cast<size_t>(count) : 0;
  const size_t size = value.is(Type::string) ? value.text->size() : value.sequence->values.size() * sizeof(Value);
  if (size > 0 && times > SIZE_MAX / size) overflow();
  heap.charge(size * times);  // before anything is built
  if (value.is(Type::string)) {
    std::string out;
    for (size_t i = 0; size > 0 && i < times; ++i) out += *value.text;
    return heap.string(std::move(out), value);
  }
  std::vector<Value> values;
  for (size_t i = 0; size > 0 && i < times; ++i) {
    values.insert(values.end(), value.sequence->values.begin(), value.sequence->values.end());
  }
  return heap.sequence(value.sequence->kind, std::move(values));
}

int64_t floor_quotient(int64_t a, int64_t b) {
  if (b == 0) throw RenderError("division by zero");
  if (a == INT64_MIN && b == -1) overflow();
  const int64_t quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

double floor_modulo(double a, double b) {
  const double rest = std::fmod(a, b);
  if (rest == 0.0) return std::copysign(0.0, b);
  return (rest < 0) != (b < 0) ? rest + b : rest;
}

int64_t integer_power(int64_t base, int64_t exponent) {
  int64_t result = 1;
  if (base == 0 || base == 1) return exponent == 0 ? 1 : base;
  if (base == -1) return exponent % 2 == 0 ? 1 : -1;
  for (int64_t i = 0; i < exponent; ++i) {  // at most 63 rounds: |base| is at least 2
    if (__builtin_mul_overflow(result, base, &result)) overflow();
  }
  return result;
}

Value integer_arithmetic(Operator operation, int64_t a, int64_t b) {
  int64_t result = 0;
  switch (operation) {
    case Operator::add:
      if (__builtin_add_overflow(a, b, &result)) overflow();
      return Value::of(result);
    case Operator::subtract:
      if (__builtin_sub_overflow(a, b, &result)) overflow();
      return Value::of(result);
    case Operator::multiply:
      if (__builtin_mul_overflow(a, b, &result)) overflow();
      return Value::of(result);
    case Operator::divide:
      if (b == 0) throw RenderError("division by zero");
      return Value::of(static_cast<double>(a) / static_cast<double>(b));
    case Operator::floor_divide:
      return Value::of(floor_quotient(a, b));
    case Operator::modulo:
      return Value::of(b == -1 ? 0 : a - floor_quotient(a, b) * b);
    default:
      if (b < 0 && a == 0) throw RenderError("division by zero");
      if (b < 0) return Value::of(std::pow(static_cast<double>(a), static_cast<double>(b)));
      return Value::of(integer_power(a, b));
  }
}

Value real_arithmetic(Operator operation, double a, double b) {
  const bool divides =
      operation == Operator::divide || operation == Operator::floor_divide || operation == Operator::modulo;
  if (divides && b == 0.0) throw RenderError("division by zero");
  switch (operation) {
    case Operator::add:
      return Value::of(a + b);
    case Operator::subtract:
      return Value::of(a - b);
    case Operator::multiply:
      return Value::of(a * b);
    case Operator::divide:
      return Value::of(a / b);
    case Operator::floor_divide:
      return Value::of(std::floor(a / b));
    case Operator::modulo:
      return Value::of(floor_modulo(a, b));
    default:
      return Value::of(std::pow(a, b));
  }
}

}  // namespace

const char* operator_text(Operator operation) {
  static constexpr const char* kTexts[] = {
      "+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=", "in", "not in"};
  return kTexts[static_cast<size_t>(operation)];
}

Value binary(Operator operation, const Value& a, const Value& b, Heap& heap) {
  if (a.is_number() && b.is_number()) {
    if (a.is_integral() && b.is_integral()) return integer_arithmetic(operation, a.as_integer(), b.as_integer());
    return real_arithmetic(operation, a.as_real(), b.as_real());
  }
  if (operation == Operator::add) {
    if (a.is(Type::string) && b.is(Type::string)) return join_strings(a, b, heap);
    if (is_list_like(a) && is_list_like(b) && a.sequence->kind == b.sequence->kind) return join_lists(a, b, heap);
  } else if (operation == Operator::multiply) {
    if ((a.is(Type::string) || is_list_like(a)) && b.is_integral()) return repeat(a, b.as_integer(), heap);
    if ((b.is(Type::string) || is_list_like(b)) && a.is_integral()) return repeat(b, a.as_integer(), heap);
  } else if (operation == Operator::modulo && a.is(Type::string)) {
    refuse_undefined(b);
    return heap.string(format_percent(*a.text, b), a);
  }
  refuse(operation, a, b);
}

Value negate(const Value& value) {
  refuse_undefined(value);
  if (value.is(Type::real)) return Value::of(-value.real);
  if (!value.is_integral()) throw RenderError(cat("\"-\" does not work on ", type_name(value)));
  if (value.as_integer() == INT64_MIN) overflow();
  return Value::of(-value.as_integer());
}

bool compare_with(Operator operation, const Value& a, const Value& b) {
  switch (operation) {
    case Operator::equal:
      return equal(a, b);
    case Operator::not_equal:
      return !equal(a, b);
    case Operator::in:
      return contains(b, a);
    case Operator::not_in:
      return !contains(b, a);
    case Operator::less:
      return compare(a, b, "<") < 0;
    case Operator::less_equal:
      return compare(a, b, "<=") <= 0;
    case Operator::greater:
      return compare(a, b, ">") > 0;
    default:
      return compare(a, b, ">=") >= 0;
  }
}

}  // namespace r1v::jinja

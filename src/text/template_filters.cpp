// Filters of text and numbers, and the table of all filters; meanings as in jinja2 3.1 (filters.py).
#include "text/template_filters.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/error.h"
#include "text/template_filters_sequence.h"
#include "text/template_format.h"
#include "text/template_interpreter.h"
#include "text/template_literal.h"
#include "text/template_operators.h"
#include "text/template_print.h"
#include "text/template_string.h"

namespace r1v::jinja {
namespace {

// A string stays marked as |safe where markupsafe would keep the mark.
Value text_result(Interpreter& interpreter, const Value& input, std::string text) {
  Value result = interpreter.heap().string(std::move(text));
  result.safe = input.is(Type::string) && input.safe;
  return result;
}

template <LetterCase kCase>
Value cased(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const Bound none("this filter", "", arguments);
  return text_result(interpreter, input, change_case(to_text(input), kCase));
}

// Words begin behind white space, hyphens and opening brackets.
Value title(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const Bound none("title", "", arguments);
  const std::string text = to_text(input);
  std::string out, word;
  const auto flush = [&] { out += change_case(std::exchange(word, {}), LetterCase::capitalize); };
  for (const std::string_view letter : characters(text)) {
    const bool separates = letter.find_first_of("-({[<") == 0 || strip(letter, Side::both).empty();
    if (separates) flush();
    (separates ? out : word) += letter;
  }
  flush();
  return interpreter.heap().string(std::move(out));
}

Value trim(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const Bound bound("trim", "chars=", arguments);
  const std::string text = to_text(input);
  const std::string_view kept = bound.is_set(0) ? strip(text, Side::both, bound.text(0)) : strip(text, Side::both);
  return text_result(interpreter, input, std::string(kept));
}

Value replace_filter(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const Bound bound("replace", "old,new,count=", arguments);
  const int64_t limit = bound.is_set(2) ? bound.integer(2, -1) : -1;
  return interpreter.heap().string(replace(to_text(input), to_text(bound.at(0)), to_text(bound.at(1)), limit));
}

Value indent(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const Bound bound("indent", "width=,first=,blank=", arguments);
  refuse_undefined(input);
  if (!input.is(Type::string)) throw RenderError(cat("indent needs a string, found ", type_name(input)));
  const bool is_text = bound.has(0) && bound.at(0).is(Type::string);
  const int64_t width = is_text ? 0 : bound.integer(0, 4);
  interpreter.heap().charge(width > 0 ? static_cast<size_t>(width) : 0);
  const std::string margin = is_text ? bound.text(0) : std::string(width > 0 ? static_cast<size_t>(width) : 0, ' ');
  std::string out;
  const std::string text = *input.text + "\n";  // so that the last line is kept when it is empty
  bool is_first = true;
  for (const std::string_view line : split_lines(text, false)) {
    if (!is_first) out += '\n';
    const bool wants_margin = is_first ? bound.truth(1, false) : bound.truth(2, false) || !line.empty();
    if (wants_margin) {
      out += margin;
      interpreter.heap().charge(margin.size());
    }
    out += line;
    is_first = false;
  }
  return text_result(interpreter, input, std::move(out));
}

Value string_filter(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const Bound none("string", "", arguments);
  return input.is(Type::string) ? input : interpreter.heap().string(to_text(input));
}

Value mark_safe(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const Bound none("safe", "", arguments);
  Value result = interpreter.heap().string(to_text(input));
  result.safe = true;
  return result;
}

Value escape(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const Bound none("escape", "", arguments);
  const bool is_safe = input.is(Type::string) && input.safe;
  Value result = interpreter.heap().string(is_safe ? *input.text : escape_html(to_text(input)));
  result.safe = true;
  return result;
}

Value center(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const int64_t width = Bound("center", "width=", arguments).integer(0, 80);
  std::string text = to_text(input);
  const int64_t missing = width - static_cast<int64_t>(count_characters(text));
  if (missing <= 0) return text_result(interpreter, input, std::move(text));
  interpreter.heap().charge(static_cast<size_t>(missing));
  const int64_t left = missing / 2 + (missing & width & 1);
  text = std::string(static_cast<size_t>(left), ' ') + text + std::string(static_cast<size_t>(missing - left), ' ');
  return text_result(interpreter, input, std::move(text));
}

Value truncate(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const Bound bound("truncate", "length=,killwords=,end=,leeway=", arguments);
  refuse_undefined(input);
  if (!input.is(Type::string)) throw RenderError(cat("truncate needs a string, found ", type_name(input)));
  const int64_t length = bound.integer(0, 255);
  const std::string end = bound.text_or(2, "...");
  const int64_t leeway = bound.is_set(3) ? bound.integer(3, 5) : 5;
  const auto end_length = static_cast<int64_t>(count_characters(end));
  if (length < end_length || leeway < 0) throw RenderError("truncate: the length is too small");
  if (static_cast<int64_t>(count_characters(*input.text)) <= length + leeway) return input;
  const std::string_view cut =
      std::string_view(*input.text).substr(0, byte_offset(*input.text, static_cast<size_t>(length - end_length)));
  const size_t space = bound.truth(1, false) ? std::string_view::npos : cut.rfind(' ');
  return text_result(interpreter, input, std::string(cut.substr(0, space)) + end);
}

Value wordcount(Interpreter&, const Value& input, const CallValues& arguments) {
  const Bound none("wordcount", "", arguments);
  int64_t count = 0;
  bool inside = false;
  const std::string text = to_text(input);
  for (const std::string_view letter : characters(text)) {
    const bool is_word = letter == "_" || is_all(letter, TextClass::alnum);
    count += is_word && !inside ? 1 : 0;
    inside = is_word;
  }
  return Value::of(count);
}

// `text % values`, with values by position or by name.
Value format(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  if (!arguments.positional.empty() && !arguments.named.empty()) {
    throw RenderError("format takes values by position or by name, not both");
  }
  Heap& heap = interpreter.heap();
  Value values = heap.tuple(arguments.positional);
  if (!arguments.named.empty()) {
    Dict dict;
    for (const auto& [name, value] : arguments.named) dict.put(heap.string(name), value);
    values = heap.dict(std::move(dict.entries));
  }
  return text_result(interpreter, input, format_percent(to_text(input), values));
}

Value default_filter(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const Bound bound("default", "default_value=,boolean=", arguments);
  const bool replaces = input.is(Type::undefined) || (bound.truth(1, false) && !truthy(input));
  if (!replaces) return input;
  return bound.has(0) ? bound.at(0) : interpreter.heap().string("");
}

// json.dumps as transformers calls it: no HTML escapes, characters beyond ASCII as they are.
Value tojson(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const Bound bound("tojson", "ensure_ascii=,indent=,separators=,sort_keys=", arguments);
  JsonStyle style;
  style.ascii_only = bound.truth(0, false);
  style.sort_keys = bound.truth(3, false);
  if (bound.is_set(1)) {
    style.has_indent = true;
    style.item_separator = ",";
    const bool is_text = bound.at(1).is(Type::string);
    const int64_t width = is_text ? 0 : std::clamp<int64_t>(bound.integer(1, 0), 0, 100);
    style.indent = is_text ? bound.text(1) : std::string(static_cast<size_t>(width), ' ');
  }
  if (bound.is_set(2)) {
    const std::vector<Value> parts = iterate(bound.at(2), interpreter.heap());
    if (parts.size() != 2) throw RenderError("tojson: separators are a pair of strings");
    style.item_separator = to_text(parts[0]);
    style.key_separator = to_text(parts[1]);
  }
  return interpreter.heap().string(to_json(input, style));
}

// int("..."), empty when Python would refuse the text.
std::optional<int64_t> parse_integer(std::string_view text, int64_t base) {
  text = strip(text, Side::both);
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text[0] == '+' || text[0] == '-') return std::nullopt;
  if (base == 16 && (text.starts_with("0x") || text.starts_with("0X"))) text.remove_prefix(2);
  if (base == 8 && (text.starts_with("0o") || text.starts_with("0O"))) text.remove_prefix(2);
  if (base == 2 && (text.starts_with("0b") || text.starts_with("0B"))) text.remove_prefix(2);
  std::string digits;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool joins = text[i] == '_' && i > 0 && i + 1 < text.size() && text[i + 1] != '_';
    if (!joins) digits += text[i];
  }
  int64_t value = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value, static_cast<int>(base));
  if (result.ec == std::errc::result_out_of_range) throw RenderError("an integer does not fit 64 bits");
  if (result.ec != std::errc() || result.ptr != digits.data() + digits.size()) return std::nullopt;
  return is_negative ? -value : value;
}

// float("..."), empty when Python would refuse the text.
std::optional<double> parse_real(std::string_view text) {
  const std::string number(strip(text, Side::both));
  if (number.empty() || number.find_first_of("xXpP(") != std::string::npos) return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  if (end != number.c_str() + number.size()) return std::nullopt;
  return value;
}

Value int_filter(Interpreter&, const Value& input, const CallValues& arguments) {
  const Bound bound("int", "default=,base=", arguments);
  const Value fallback = bound.has(0) ? bound.at(0) : Value::of(int64_t{0});
  refuse_undefined(input);
  if (input.is_integral()) return Value::of(input.as_integer());
  if (input.is(Type::real)) return std::isfinite(input.real) ? Value::of(truncated(input.real)) : fallback;
  if (!input.is(Type::string)) return fallback;
  const int64_t base = bound.integer(1, 10);
  if (base != 2 && base != 8 && base != 10 && base != 16) throw RenderError("int: the base is 2, 8, 10 or 16");
  if (const auto value = parse_integer(*input.text, base)) return Value::of(*value);
  const auto real = parse_real(*input.text);
  return real && std::isfinite(*real) ? Value::of(truncated(*real)) : fallback;
}

Value float_filter(Interpreter&, const Value& input, const CallValues& arguments) {
  const Bound bound("float", "default=", arguments);
  refuse_undefined(input);
  if (input.is_number()) return Value::of(input.as_real());
  if (input.is(Type::string)) {
    if (const auto value = parse_real(*input.text)) return Value::of(*value);
  }
  return bound.has(0) ? bound.at(0) : Value::of(0.0);
}

Value abs_filter(Interpreter&, const Value& input, const CallValues& arguments) {
  const Bound none("abs", "", arguments);
  refuse_undefined(input);
  if (!input.is_number()) throw RenderError(cat("abs needs a number, found ", type_name(input)));
  if (input.is(Type::real)) return Value::of(std::abs(input.real));
  return input.as_integer() < 0 ? negate(input) : Value::of(input.as_integer());
}

// "common" is Python's round(): to the nearest, ties to even, decided on the exact binary value.
Value round_filter(Interpreter&, const Value& input, const CallValues& arguments) {
  const Bound bound("round", "precision=,method=", arguments);
  refuse_undefined(input);
  if (!input.is_number()) throw RenderError(cat("round needs a number, found ", type_name(input)));
  const int64_t precision = bound.integer(0, 0);
  if (precision < 0 || precision > 300) throw RenderError("round: the precision is 0 to 300");
  const std::string method = bound.text_or(1, "common");
  if (method == "common") {
    if (input.is_integral()) return Value::of(input.as_integer());
    std::string digits(700, '\0');
    std::snprintf(digits.data(), digits.size(), "%.*f", static_cast<int>(precision), input.real);
    return Value::of(std::strtod(digits.c_str(), nullptr));
  }
  if (method != "ceil" && method != "floor") throw RenderError("round: the method is common, ceil or floor");
  const double scale = std::pow(10.0, static_cast<double>(precision));
  const double scaled = input.as_real() * scale;
  return Value::of((method == "ceil" ? std::ceil(scaled) : std::floor(scaled)) / scale);
}

constexpr Filter kFilters[] = {
    {"abs", abs_filter},
    {"batch", filter_batch},
    {"capitalize", cased<LetterCase::capitalize>},
    {"center", center},
    {"count", filter_length},
    {"d", default_filter},
    {"default", default_filter},
    {"dictsort", filter_dictsort},
    {"e", escape},
    {"escape", escape},
    {"first", filter_first},
    {"float", float_filter},
    {"format", format},
    {"groupby", filter_groupby},
    {"indent", indent},
    {"int", int_filter},
    {"items", filter_items},
    {"join", filter_join},
    {"last", filter_last},
    {"length", filter_length},
    {"list", filter_list},
    {"lower", cased<LetterCase::lower>},
    {"map", filter_map},
    {"max", filter_max},
    {"min", filter_min},
    {"reject", filter_reject},
    {"rejectattr", filter_rejectattr},
    {"replace", replace_filter},
    {"reverse", filter_reverse},
    {"round", round_filter},
    {"safe", mark_safe},
    {"select", filter_select},
    {"selectattr", filter_selectattr},
    {"slice", filter_slice},
    {"sort", filter_sort},
    {"string", string_filter},
    {"sum", filter_sum},
    {"title", title},
    {"tojson", tojson},
    {"trim", trim},
    {"truncate", truncate},
    {"unique", filter_unique},
    {"upper", cased<LetterCase::upper>},
    {"wordcount", wordcount},
};

}  // namespace

const Filter* find_filter(std::string_view name) {
  const auto found = std::ranges::find(kFilters, name, &Filter::name);
  return found == std::end(kFilters) ? nullptr : found;
}

}  // namespace r1v::jinja

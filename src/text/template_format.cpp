// Python's two ways to format text.
#include "text/template_format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include "base/error.h"
#include "text/template_access.h"
#include "text/template_print.h"
#include "text/template_string.h"

namespace r1v::jinja {
namespace {

constexpr int kMaxWidth = 10'000;

// How one value is laid out; the union of what both notations can say.
struct Layout {
  std::string fill = " ";
  char align = '\0';  // < > ^ =, or none
  char sign = '-';
  bool alternate = false;  // 0x in front of hexadecimal
  char grouping = '\0';    // , or _
  int width = 0;
  int precision = -1;
  char type = '\0';
};

// A decimal number at `at`; moves behind it.
int read_count(std::string_view text, size_t& at) {
  int value = 0;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
    value = value * 10 + (text[at++] - '0');
    if (value > kMaxWidth) throw RenderError(cat("a format asks for more than ", kMaxWidth, " characters"));
  }
  return value;
}

std::string pad(std::string text, const Layout& layout, char default_align, size_t sign_length) {
  const int missing = layout.width - static_cast<int>(count_characters(text));
  if (missing <= 0) return text;
  const char align = layout.align == '\0' ? default_align : layout.align;
  const auto filler = [&](int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += layout.fill;
    return out;
  };
  if (align == '<') return text + filler(missing);
  if (align == '^') return filler(missing / 2) + text + filler(missing - missing / 2);
  if (align == '=') return text.substr(0, sign_length) + filler(missing) + text.substr(sign_length);
  return filler(missing) + text;
}

std::string grouped(const std::string& digits, char separator) {
  const size_t end = std::min(digits.find_first_not_of("0123456789"), digits.size());
  std::string out;
  for (size_t i = 0; i < end; ++i) {
    if (i > 0 && (end - i) % 3 == 0) out += separator;
    out += digits[i];
  }
  return out + digits.substr(end);
}

std::string integer_digits(int64_t value, char type) {
  const uint64_t magnitude = value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  const int base = type == 'x' || type == 'X' ? 16 : type == 'o' ? 8 : type == 'b' ? 2 : 10;
  std::array<char, 72> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), magnitude, base).ptr;
  std::string digits(buffer.data(), end);
  return type == 'X' ? change_case(digits, LetterCase::upper) : digits;
}

std::string real_digits(double value, const Layout& layout) {
  const double magnitude = value < 0 ? -value : value;
  if (layout.type == '\0' && layout.precision < 0) return real_text(magnitude);
  const char type = layout.type == '\0' ? 'g' : layout.type == '%' ? 'f' : layout.type;
  const std::string pattern = cat("%.*", type);
  std::string out(400 + static_cast<size_t>(kMaxWidth), '\0');
  const int precision = layout.precision < 0 ? 6 : layout.precision;
  const int size = std::snprintf(out.data(), out.size(), pattern.c_str(), precision,
                                 layout.type == '%' ? magnitude * 100 : magnitude);
  out.resize(static_cast<size_t>(size));
  return layout.type == '%' ? out + "%" : out;
}

std::string number(const Value& value, const Layout& layout) {
  const bool wants_real = std::string_view("eEfFgG%").find(layout.type) != std::string_view::npos;
  const bool is_real = value.is(Type::real) || (layout.type != '\0' && wants_real);
  if (value.is(Type::real) && layout.type != '\0' && !wants_real) {
    throw RenderError(cat("format \"", layout.type, "\" needs an integer, found a float"));
  }
  const bool is_negative = is_real ? value.as_real() < 0 : value.as_integer() < 0;
  std::string digits = is_real ? real_digits(value.as_real(), layout) : integer_digits(value.as_integer(), layout.type);
  if (layout.grouping != '\0') digits = grouped(digits, layout.grouping);
  std::string front = is_negative ? "-" : layout.sign == '-' ? "" : std::string(1, layout.sign);
  const bool has_prefix = layout.alternate && std::string_view("xXob").find(layout.type) != std::string_view::npos;
  if (has_prefix && layout.type != '\0') front += {'0', layout.type};
  return pad(front + digits, layout, '>', front.size());
}

std::string text_layout(std::string text, const Layout& layout) {
  if (layout.precision >= 0) text.resize(byte_offset(text, static_cast<size_t>(layout.precision)));
  return pad(std::move(text), layout, '<', 0);
}

// [[fill]align][sign][#][0][width][,][.precision][type]
Layout read_specification(std::string_view text) {
  Layout layout;
  size_t at = 0;
  const auto is_align = [&](size_t i) {
    return i < text.size() && std::string_view("<>^=").find(text[i]) != std::string_view::npos;
  };
  const size_t first = byte_offset(text, 1);
  if (is_align(first)) {
    layout.fill = text.substr(0, first);
    layout.align = text[first];
    at = first + 1;
  } else if (is_align(0)) {
    layout.align = text[at++];
  }
  if (at < text.size() && std::string_view("+- ").find(text[at]) != std::string_view::npos) layout.sign = text[at++];
  if (at < text.size() && text[at] == '#') layout.alternate = ++at > 0;
  if (at < text.size() && text[at] == '0') {
    if (layout.align == '\0') {
      layout.fill = "0";
      layout.align = '=';
    }
    ++at;
  }
  layout.width = read_count(text, at);
  if (at < text.size() && (text[at] == ',' || text[at] == '_')) layout.grouping = text[at++];
  if (at < text.size() && text[at] == '.') layout.precision = read_count(text, ++at);
  if (at < text.size()) layout.type = text[at++];
  if (at != text.size() || std::string_view("\0bdeEfFgGosxX%", 14).find(layout.type) == std::string_view::npos) {
    throw RenderError(cat("the format \"", printable(text), "\" is not understood"));
  }
  return layout;
}

std::string formatted(const Value& value, std::string_view specification) {
  if (specification.empty()) return to_text(value);
  const Layout layout = read_specification(specification);
  if (value.is_number() && layout.type != 's') {
    return number(value, layout);
  }
  if (!value.is(Type::string) || (layout.type != '\0' && layout.type != 's') || layout.align == '=') {
    throw RenderError(cat("the format \"", printable(specification), "\" does not fit ", type_name(value)));
  }
  return text_layout(*value.text, layout);
}

// The value that a field such as "0.name[key]" names.
Value field_value(std::string_view field, size_t& next, const CallValues& arguments, Heap& heap) {
  const size_t end = std::min(field.find_first_of(".["), field.size());
  const std::string_view name = field.substr(0, end);
  Value value;
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) {
    size_t at = 0;
    const size_t index = name.empty() ? next++ : static_cast<size_t>(read_count(name, at));
    if (index >= arguments.positional.size()) throw RenderError(cat("format has no argument ", index));
    value = arguments.positional[index];
  } else {
    const auto found = std::ranges::find(arguments.named, name, [](const auto& entry) { return entry.first; });
    if (found == arguments.named.end()) throw RenderError(cat("format has no argument \"", printable(name), "\""));
    value = found->second;
  }
  for (std::string_view rest = field.substr(end); !rest.empty();) {
    const bool is_attribute = rest[0] == '.';
    const size_t stop = is_attribute ? std::min(rest.find_first_of(".[", 1), rest.size()) : rest.find(']');
    if (stop == std::string_view::npos) throw RenderError("format: \"]\" is missing");
    const std::string key(rest.substr(1, stop - 1));
    size_t at = 0;
    const bool is_index = !is_attribute && !key.empty() && key.find_first_not_of("0123456789") == std::string::npos;
    value = is_attribute ? get_attribute(value, key, heap)
            : is_index   ? get_item(value, Value::of(int64_t{read_count(key, at)}), heap)
                         : get_item(value, heap.string(key), heap);
    rest = rest.substr(is_attribute ? stop : stop + 1);
  }
  return value;
}

std::string format_field(std::string_view field, size_t& next, const CallValues& arguments, Heap& heap) {
  const size_t colon = std::min(field.find(':'), field.size());
  std::string_view name = field.substr(0, colon);
  const std::string_view specification = colon < field.size() ? field.substr(colon + 1) : std::string_view();
  char conversion = '\0';
  if (const size_t mark = name.find('!'); mark != std::string_view::npos) {
    if (mark + 2 != name.size()) throw RenderError("format: one character must follow \"!\"");
    conversion = name[mark + 1];
    name = name.substr(0, mark);
  }
  if (specification.find('{') != std::string_view::npos) throw RenderError("format: nested fields are not supported");
  const Value value = field_value(name, next, arguments, heap);
  if (conversion == '\0') return formatted(value, specification);
  if (conversion != 'r' && conversion != 's') throw RenderError("format: only !r and !s are supported");
  return formatted(heap.string(conversion == 'r' ? to_repr(value) : to_text(value)), specification);
}

// The flags, width and precision of "%-08.3f".
Layout read_percent_layout(std::string_view text, size_t& at) {
  Layout layout;
  for (; at < text.size() && std::string_view("-+ 0#").find(text[at]) != std::string_view::npos; ++at) {
    if (text[at] == '-') layout.align = '<';
    if (text[at] == '+' || (text[at] == ' ' && layout.sign != '+')) layout.sign = text[at];
    if (text[at] == '0') layout.fill = "0";
    if (text[at] == '#') layout.alternate = true;
  }
  layout.width = read_count(text, at);
  if (at < text.size() && text[at] == '.') layout.precision = read_count(text, ++at);
  return layout;
}

// One "%..." at `at` (behind the sign); `take` gives the next value.
template <typename Take>
std::string percent_field(std::string_view text, size_t& at, const Value& values, Take take) {
  const Value* value = nullptr;
  if (at < text.size() && text[at] == '(') {
    const size_t close = text.find(')', at);
    if (close == std::string_view::npos || !values.is(Type::dict)) throw RenderError("%(name) needs a dict");
    const std::string_view key = text.substr(at + 1, close - at - 1);
    value = values.dict->find(key);
    if (value == nullptr) throw RenderError(cat("format has no key \"", printable(key), "\""));
    at = close + 1;
  }
  Layout layout = read_percent_layout(text, at);
  if (at >= text.size()) throw RenderError("a format ends behind \"%\"");
  const char type = text[at++];
  if (type == '%') return "%";
  if (value == nullptr) value = take();
  if (layout.align == '<') layout.fill = " ";
  if (type == 's' || type == 'r') {
    layout.fill = " ";
    if (layout.align == '\0') layout.align = '>';
    return text_layout(type == 'r' ? to_repr(*value) : to_text(*value), layout);
  }
  if (std::string_view("diuxXoeEfFgG").find(type) == std::string_view::npos) {
    throw RenderError(cat("the format \"%", type, "\" is not understood"));
  }
  refuse_undefined(*value);
  if (!value->is_number()) {
    throw RenderError(cat("the format \"%", type, "\" needs a number, found ", type_name(*value)));
  }
  const bool is_decimal = type == 'd' || type == 'i' || type == 'u';
  layout.type = is_decimal ? 'd' : type;
  if (layout.fill == "0") layout.align = '=';
  if (is_decimal && value->is(Type::real)) return number(Value::of(truncated(value->real)), layout);
  return number(*value, layout);
}

}  // namespace

std::string format_percent(std::string_view text, const Value& values) {
  const bool is_tuple = values.is(Type::sequence) && values.sequence->kind == SequenceKind::tuple;
  size_t used = 0;
  const auto take = [&]() -> const Value* {
    const size_t count = is_tuple ? values.sequence->values.size() : 1;
    if (used >= count) throw RenderError("not enough values for the format");
    return is_tuple ? &values.sequence->values[used++] : (++used, &values);
  };
  std::string out;
  for (size_t at = 0; at < text.size();) {
    if (text[at] != '%') {
      out += text[at++];
    } else {
      out += percent_field(text, ++at, values, take);
    }
  }
  const bool all_used = is_tuple ? used == values.sequence->values.size() : used == 1 || values.is(Type::dict);
  if (!all_used && !(values.is(Type::sequence) && !is_tuple)) throw RenderError("more values than the format uses");
  return out;
}

std::string format_braces(std::string_view text, const CallValues& arguments, Heap& heap) {
  std::string out;
  size_t next = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if ((c == '{' || c == '}') && at + 1 < text.size() && text[at + 1] == c) {
      out += text[at++];
    } else if (c == '{') {
      const size_t close = text.find('}', at);
      if (close == std::string_view::npos) throw RenderError("format: \"}\" is missing");
      out += format_field(text.substr(at + 1, close - at - 1), next, arguments, heap);
      at = close;
    } else if (c == '}') {
      throw RenderError("format: a single \"}\"");
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace r1v::jinja

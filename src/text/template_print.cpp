// Python's str() and repr(), and json.dumps.
#include "text/template_print.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/error.h"
#include "text/unicode.h"

namespace r1v::jinja {
namespace {

void append_hex(char32_t code, int digits, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += kHex[(code >> shift) & 15];
}

std::string python_quoted(std::string_view text) {
  const bool use_double = text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos;
  const char quote = use_double ? '"' : '\'';
  std::string out(1, quote);
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = utf8_step(text.data() + at, text.data() + text.size());
    const std::string_view piece = text.substr(at, step.length);
    at += step.length;
    const char32_t code = step.code;
    if (step.status != Utf8Step::Status::valid) {
      out += piece;
    } else if (code == static_cast<unsigned char>(quote) || code == '\\') {
      out.append("\\").append(piece);
    } else if (code == '\n' || code == '\r' || code == '\t') {
      out += code == '\n' ? "\\n" : code == '\r' ? "\\r" : "\\t";
    } else if (is_printable(code)) {
      out += piece;
    } else {
      out += code < 0x100 ? "\\x" : code < 0x10000 ? "\\u" : "\\U";
      append_hex(code, code < 0x100 ? 2 : code < 0x10000 ? 4 : 8, out);
    }
  }
  return out += quote;
}

// Namespaces can hold each other in a circle, so printing has a depth of its own.
class Printer {
 public:
  std::string repr(const Value& value) {
    if (++depth_ > kMaxNesting) throw RenderError("a value holds itself and cannot be printed");
    std::string out = repr_of(value);
    --depth_;
    return out;
  }

 private:
  std::string repr_of(const Value& value) {
    switch (value.type) {
      case Type::undefined:
        return "Undefined";
      case Type::none:
        return "None";
      case Type::boolean:
        return value.boolean ? "True" : "False";
      case Type::integer:
        return std::to_string(value.integer);
      case Type::real:
        return real_text(value.real);
      case Type::string:
        return value.safe ? cat("Markup(", python_quoted(*value.text), ")") : python_quoted(*value.text);
      case Type::sequence:
        return sequence(*value.sequence);
      case Type::dict:
        return entries(value.dict->entries);
      case Type::name_space:
        return name_space(*value.name_space);
      default:
        throw RenderError(cat("a ", type_name(value), " cannot be printed; was it meant to be called?"));
    }
  }

  std::string sequence(const Sequence& sequence) {
    const auto& values = sequence.values;
    if (sequence.kind == SequenceKind::range) return range(values);
    if (sequence.kind == SequenceKind::generator) {
      throw RenderError("a generator cannot be printed; pass it through |list or |join");
    }
    std::string out;
    for (const Value& value : values) out.append(out.empty() ? "" : ", ").append(repr(value));
    if (sequence.kind == SequenceKind::tuple) return values.size() == 1 ? cat("(", out, ",)") : cat("(", out, ")");
    if (sequence.kind == SequenceKind::list) return cat("[", out, "]");
    return cat(type_name(Value::of(&sequence)), "([", out, "])");
  }

  static std::string range(const std::vector<Value>& values) {
    if (values.empty()) return "range(0, 0)";
    const int64_t step = values.size() > 1 ? values[1].integer - values[0].integer : 1;
    const std::string limits = cat("range(", values.front().integer, ", ", values.back().integer + step);
    return step == 1 ? limits + ")" : cat(limits, ", ", step, ")");
  }

  std::string entries(const std::vector<std::pair<Value, Value>>& list) {
    std::string out;
    for (const auto& [key, value] : list) {
      out.append(out.empty() ? "" : ", ").append(repr(key)).append(": ").append(repr(value));
    }
    return cat("{", out, "}");
  }

  std::string name_space(const Namespace& space) {
    std::string out;
    for (const auto& [key, value] : space.attributes) {
      out.append(out.empty() ? "" : ", ").append(python_quoted(key)).append(": ").append(repr(value));
    }
    return cat("<Namespace {", out, "}>");
  }

  int depth_ = 0;
};

class JsonWriter {
 public:
  explicit JsonWriter(const JsonStyle& style) : style_(style) {}

  void write(const Value& value, std::string& out, int level) const {
    switch (value.type) {
      case Type::none:
        out += "null";
        return;
      case Type::boolean:
        out += value.boolean ? "true" : "false";
        return;
      case Type::integer:
        out += std::to_string(value.integer);
        return;
      case Type::real:
        out += number(value.real);
        return;
      case Type::string:
        string(*value.text, out);
        return;
      case Type::sequence:
        if (value.sequence->kind != SequenceKind::list && value.sequence->kind != SequenceKind::tuple) break;
        return list(value.sequence->values, out, level);
      case Type::dict:
        return dict(*value.dict, out, level);
      default:
        break;
    }
    refuse_undefined(value);
    throw RenderError(cat(type_name(value), " has no JSON form"));
  }

 private:
  static std::string number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
    return real_text(value);
  }

  void string(std::string_view text, std::string& out) const {
    out += '"';
    for (size_t at = 0; at < text.size();) {
      const Utf8Step step = utf8_step(text.data() + at, text.data() + text.size());
      const std::string_view piece = text.substr(at, step.length);
      at += step.length;
      if (step.status == Utf8Step::Status::valid) {
        character(step.code, piece, out);
      } else {
        out += piece;
      }
    }
    out += '"';
  }

  void character(char32_t code, std::string_view piece, std::string& out) const {
    static constexpr std::string_view kNamed = "\b\f\n\r\t\"\\";
    static constexpr std::string_view kNames = "bfnrt\"\\";
    const size_t named = code < 0x80 ? kNamed.find(static_cast<char>(code)) : std::string_view::npos;
    if (named != std::string_view::npos) {
      out += {'\\', kNames[named]};
    } else if (code >= 0x20 && (code < 0x7F || !style_.ascii_only)) {
      out += piece;
    } else if (code >= 0x10000) {
      out += "\\u";
      append_hex(0xD800 + ((code - 0x10000) >> 10), 4, out);
      out += "\\u";
      append_hex(0xDC00 + ((code - 0x10000) & 0x3FF), 4, out);
    } else {
      out += "\\u";
      append_hex(code, 4, out);
    }
  }

  void new_line(std::string& out, int level) const {
    if (!style_.has_indent) return;
    out += '\n';
    for (int i = 0; i < level; ++i) out += style_.indent;
  }

  void list(const std::vector<Value>& values, std::string& out, int level) const {
    out += '[';
    for (size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out += style_.item_separator;
      new_line(out, level + 1);
      write(values[i], out, level + 1);
    }
    if (!values.empty()) new_line(out, level);
    out += ']';
  }

  std::string key_text(const Value& key) const {
    switch (key.type) {
      case Type::string:
        return *key.text;
      case Type::none:
        return "null";
      case Type::boolean:
        return key.boolean ? "true" : "false";
      case Type::integer:
        return std::to_string(key.integer);
      case Type::real:
        return number(key.real);
      default:
        throw RenderError(cat(type_name(key), " cannot be a key in JSON"));
    }
  }

  void dict(const Dict& dict, std::string& out, int level) const {
    auto entries = dict.entries;
    if (style_.sort_keys) {
      std::ranges::stable_sort(entries,
                               [](const auto& a, const auto& b) { return compare(a.first, b.first, "<") < 0; });
    }
    out += '{';
    for (size_t i = 0; i < entries.size(); ++i) {
      if (i > 0) out += style_.item_separator;
      new_line(out, level + 1);
      string(key_text(entries[i].first), out);
      out += style_.key_separator;
      write(entries[i].second, out, level + 1);
    }
    if (!entries.empty()) new_line(out, level);
    out += '}';
  }

  const JsonStyle& style_;
};

}  // namespace

std::string real_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::array<char, 64> buffer;
  // d.ddde+XX with the fewest digits; Python writes exponents below -4 and from 16 on that way, others in full.
  char* const last = buffer.data() + buffer.size();
  const auto end = std::to_chars(buffer.data(), last, value, std::chars_format::scientific).ptr;
  const std::string scientific(buffer.data(), end);
  const int exponent = std::atoi(scientific.c_str() + scientific.find('e') + 1);
  if (exponent < -4 || exponent >= 16) return scientific;
  std::string fixed(buffer.data(), std::to_chars(buffer.data(), last, value, std::chars_format::fixed).ptr);
  return fixed.find('.') == std::string::npos ? fixed + ".0" : fixed;
}

std::string to_text(const Value& value) {
  if (value.is(Type::string)) return *value.text;
  if (value.is(Type::undefined)) return "";
  return Printer().repr(value);
}

std::string to_repr(const Value& value) { return Printer().repr(value); }

std::string to_json(const Value& value, const JsonStyle& style) {
  std::string out;
  JsonWriter(style).write(value, out, 0);
  return out;
}

}  // namespace r1v::jinja

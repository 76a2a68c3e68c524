// Methods of strings, lists, tuples, dicts and loops, with Python's meaning.
#include "text/template_methods.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "text/template_format.h"
#include "text/template_interpreter.h"
#include "text/template_print.h"
#include "text/template_string.h"

namespace r1v::jinja {
namespace {

struct StringCall {
  const std::string& text;
  const Value& self;  // carries the mark of |safe
  const CallValues& arguments;
  Interpreter& interpreter;

  Heap& heap() const { return interpreter.heap(); }
  Value string(std::string result) const { return heap().string(std::move(result), self); }
};

template <LetterCase kCase>
Value cased(const StringCall& call) {
  const Bound none("this method", "", call.arguments);
  return call.string(change_case(call.text, kCase));
}

template <TextClass kClass>
Value classified(const StringCall& call) {
  const Bound none("this method", "", call.arguments);
  return Value::of(is_all(call.text, kClass));
}

template <Side kSide>
Value stripped(const StringCall& call) {
  const Bound bound("strip", "chars=", call.arguments);
  if (!bound.is_set(0)) return call.string(std::string(strip(call.text, kSide)));
  return call.string(std::string(strip(call.text, kSide, bound.text(0))));
}

Value string_list(const StringCall& call, const std::vector<std::string_view>& parts, SequenceKind kind) {
  std::vector<Value> values;
  for (const std::string_view part : parts) values.push_back(call.string(std::string(part)));
  return call.heap().sequence(kind, std::move(values));
}

template <bool kFromRight>
Value split(const StringCall& call) {
  const Bound bound("split", "sep=,maxsplit=", call.arguments);
  const int64_t limit = bound.integer(1, -1);
  if (bound.has(0)) refuse_undefined(bound.at(0));
  if (!bound.is_set(0)) return string_list(call, split_space(call.text, limit, kFromRight), SequenceKind::list);
  if (bound.text(0).empty()) throw RenderError("split: the separator is empty");
  return string_list(call, split_at(call.text, bound.text(0), limit, kFromRight), SequenceKind::list);
}

Value splitlines(const StringCall& call) {
  const Bound bound("splitlines", "keepends=", call.arguments);
  return string_list(call, split_lines(call.text, bound.truth(0, false)), SequenceKind::list);
}

template <bool kFromRight>
Value partition(const StringCall& call) {
  const std::string& separator = Bound("partition", "sep", call.arguments).text(0);
  if (separator.empty()) throw RenderError("partition: the separator is empty");
  const size_t at = kFromRight ? call.text.rfind(separator) : call.text.find(separator);
  const std::string_view text = call.text;
  std::vector<std::string_view> parts = {text, "", ""};
  if (at != std::string::npos) {
    parts = {text.substr(0, at), separator, text.substr(at + separator.size())};
  } else if (kFromRight) {
    parts = {"", "", text};
  }
  return string_list(call, parts, SequenceKind::tuple);
}

Value replaced(const StringCall& call) {
  const Bound bound("replace", "old,new,count=", call.arguments);
  const std::string with = call.self.safe && !bound.at(1).safe ? escape_html(bound.text(1)) : bound.text(1);
  call.heap().charge(call.text.size());
  return call.string(replace(call.text, bound.text(0), with, bound.integer(2, -1)));
}

// The bytes of text[start:end], and where they start; none when start lies behind the end of the text.
struct Window {
  std::string_view text;
  size_t offset;  // in characters
};

std::optional<Window> window(const StringCall& call, const Bound& bound) {
  const auto length = static_cast<int64_t>(count_characters(call.text));
  const auto clamp = [&](size_t index, int64_t fallback) {
    const int64_t at = bound.is_set(index) ? bound.integer(index, 0) : fallback;
    return at < 0 ? std::max<int64_t>(at + length, 0) : at;
  };
  const int64_t start = clamp(1, 0);
  const int64_t end = std::min(clamp(2, length), length);
  if (start > length || end < start) return std::nullopt;
  const size_t first = byte_offset(call.text, static_cast<size_t>(start));
  const size_t last = byte_offset(call.text, static_cast<size_t>(end));
  return Window{std::string_view(call.text).substr(first, last - first), static_cast<size_t>(start)};
}

template <bool kFromRight, bool kMustExist>
Value found(const StringCall& call) {
  const Bound bound("find", "sub,start=,end=", call.arguments);
  const std::string& wanted = bound.text(0);
  if (const auto part = window(call, bound)) {
    const size_t at = kFromRight ? part->text.rfind(wanted) : part->text.find(wanted);
    if (at != std::string_view::npos) {
      return Value::of(static_cast<int64_t>(part->offset + count_characters(part->text.substr(0, at))));
    }
  }
  if (kMustExist) throw RenderError("index: the text was not found");
  return Value::of(int64_t{-1});
}

Value counted(const StringCall& call) {
  const Bound bound("count", "sub,start=,end=", call.arguments);
  const auto part = window(call, bound);
  if (!part) return Value::of(int64_t{0});
  const std::string& wanted = bound.text(0);
  if (wanted.empty()) return Value::of(static_cast<int64_t>(count_characters(part->text)) + 1);
  int64_t count = 0;
  size_t at = part->text.find(wanted);
  for (; at != std::string_view::npos; at = part->text.find(wanted, at + wanted.size())) ++count;
  return Value::of(count);
}

template <bool kAtEnd>
Value has_affix(const StringCall& call) {
  const Bound bound(kAtEnd ? "endswith" : "startswith", "affix,start=,end=", call.arguments);
  const auto part = window(call, bound);
  const auto matches = [&](const Value& affix) {
    refuse_undefined(affix);
    if (!affix.is(Type::string)) {
      throw RenderError(cat("startswith and endswith need strings, found ", type_name(affix)));
    }
    return part && (kAtEnd ? part->text.ends_with(*affix.text) : part->text.starts_with(*affix.text));
  };
  const Value& affix = bound.at(0);
  const bool is_tuple = affix.is(Type::sequence) && affix.sequence->kind == SequenceKind::tuple;
  return Value::of(is_tuple ? std::ranges::any_of(affix.sequence->values, matches) : matches(affix));
}

Value without_prefix(const StringCall& call) {
  const std::string& prefix = Bound("removeprefix", "prefix", call.arguments).text(0);
  return call.string(call.text.starts_with(prefix) ? call.text.substr(prefix.size()) : call.text);
}

Value without_suffix(const StringCall& call) {
  const std::string& suffix = Bound("removesuffix", "suffix", call.arguments).text(0);
  const bool ends = !suffix.empty() && call.text.ends_with(suffix);
  return call.string(ends ? call.text.substr(0, call.text.size() - suffix.size()) : call.text);
}

Value joined(const StringCall& call) {
  const Bound bound("join", "iterable", call.arguments);
  std::string out;
  bool first = true;
  for (const Value& value : iterate(bound.at(0), call.heap())) {
    refuse_undefined(value);
    if (!value.is(Type::string)) throw RenderError(cat("join needs strings, found ", type_name(value)));
    if (!std::exchange(first, false)) out += call.text;
    out += *value.text;
    call.heap().charge(value.text->size());
  }
  return call.string(std::move(out));
}

Value formatted(const StringCall& call) { return call.string(format_braces(call.text, call.arguments, call.heap())); }

// ljust, rjust, center and zfill.
template <char kAlign>
Value padded(const StringCall& call) {
  const Bound bound("padding", kAlign == '0' ? "width" : "width,fillchar=", call.arguments);
  const int64_t width = bound.integer(0, 0);
  const std::string fill = kAlign == '0' ? "0" : bound.has(1) ? bound.text(1) : " ";
  if (count_characters(fill) != 1) throw RenderError("the fill must be one character");
  const int64_t missing = width - static_cast<int64_t>(count_characters(call.text));
  if (missing <= 0) return call.string(call.text);
  call.heap().charge(static_cast<size_t>(missing) * fill.size());
  // Python's center puts the odd one left when the width is odd.
  const int64_t left = kAlign == '<' ? 0 : kAlign == '^' ? missing / 2 + (missing & width & 1) : missing;
  std::string before, after;
  for (int64_t i = 0; i < left; ++i) before += fill;
  for (int64_t i = left; i < missing; ++i) after += fill;
  const bool has_sign = kAlign == '0' && !call.text.empty() && (call.text[0] == '-' || call.text[0] == '+');
  if (has_sign) return call.string(call.text.substr(0, 1) + before + call.text.substr(1));
  return call.string(before + call.text + after);
}

struct StringMethod {
  std::string_view name;
  Value (*apply)(const StringCall& call);
};

constexpr StringMethod kStringMethods[] = {
    {"capitalize", cased<LetterCase::capitalize>},
    {"casefold", cased<LetterCase::lower>},
    {"center", padded<'^'>},
    {"count", counted},
    {"endswith", has_affix<true>},
    {"find", found<false, false>},
    {"format", formatted},
    {"index", found<false, true>},
    {"isalnum", classified<TextClass::alnum>},
    {"isalpha", classified<TextClass::alpha>},
    {"isdecimal", classified<TextClass::digit>},
    {"isdigit", classified<TextClass::digit>},
    {"islower", classified<TextClass::lower>},
    {"isnumeric", classified<TextClass::digit>},
    {"isspace", classified<TextClass::space>},
    {"isupper", classified<TextClass::upper>},
    {"join", joined},
    {"ljust", padded<'<'>},
    {"lower", cased<LetterCase::lower>},
    {"lstrip", stripped<Side::left>},
    {"partition", partition<false>},
    {"removeprefix", without_prefix},
    {"removesuffix", without_suffix},
    {"replace", replaced},
    {"rfind", found<true, false>},
    {"rindex", found<true, true>},
    {"rjust", padded<'>'>},
    {"rpartition", partition<true>},
    {"rsplit", split<true>},
    {"rstrip", stripped<Side::right>},
    {"split", split<false>},
    {"splitlines", splitlines},
    {"startswith", has_affix<false>},
    {"strip", stripped<Side::both>},
    {"swapcase", cased<LetterCase::swap>},
    {"title", cased<LetterCase::title>},
    {"upper", cased<LetterCase::upper>},
    {"zfill", padded<'0'>},
};

const StringMethod* find_string_method(std::string_view name) {
  const auto entry = std::ranges::find(kStringMethods, name, &StringMethod::name);
  return entry == std::end(kStringMethods) ? nullptr : entry;
}

Value call_dict(const Value& self, const std::string& name, const CallValues& arguments, Heap& heap) {
  const auto& entries = self.dict->entries;
  if (name == "get") {
    const Bound bound("get", "key,default=", arguments);
    if (!is_hashable(bound.at(0))) throw RenderError(cat(type_name(bound.at(0)), " cannot be a key of a dict"));
    const Value* found = self.dict->find(bound.at(0));
    return found != nullptr ? *found : bound.has(1) ? bound.at(1) : Value::none();
  }
  const Bound none(name, "", arguments);
  if (name == "copy") return self;
  std::vector<Value> values;
  for (const auto& [key, value] : entries) {
    values.push_back(name == "keys" ? key : name == "values" ? value : heap.tuple({key, value}));
  }
  const SequenceKind kind = name == "keys"     ? SequenceKind::keys
                            : name == "values" ? SequenceKind::values
                                               : SequenceKind::items;
  return heap.sequence(kind, std::move(values));
}

Value call_sequence(const Value& self, const std::string& name, const CallValues& arguments, Heap& heap) {
  const auto& values = self.sequence->values;
  if (name == "copy") return heap.list(values);
  const Bound bound(name, "value", arguments);
  const auto matches = [&](const Value& value) { return equal(value, bound.at(0)); };
  if (name == "count") return Value::of(static_cast<int64_t>(std::ranges::count_if(values, matches)));
  const auto at = std::ranges::find_if(values, matches);
  if (at == values.end()) throw RenderError("index: the value is not in the list");
  return Value::of(static_cast<int64_t>(at - values.begin()));
}

// loop.cycle(a, b, ...) and loop.changed(value).
Value call_loop(LoopState& loop, const std::string& name, const CallValues& arguments) {
  const auto& values = arguments.positional;
  if (name == "cycle") {
    if (values.empty()) throw RenderError("loop.cycle needs values");
    return values[loop.index % values.size()];
  }
  const bool is_same = loop.has_changed && std::ranges::equal(values, loop.last_changed, equal);
  loop.has_changed = true;
  loop.last_changed = values;
  return Value::of(!is_same);
}

MethodAccess listed(std::string_view name, std::initializer_list<std::string_view> allowed,
                    std::initializer_list<std::string_view> forbidden) {
  if (std::ranges::find(allowed, name) != allowed.end()) return MethodAccess::allowed;
  return std::ranges::find(forbidden, name) != forbidden.end() ? MethodAccess::forbidden : MethodAccess::none;
}

}  // namespace

MethodAccess method_access(const Value& object, std::string_view name) {
  if (object.is(Type::string)) return find_string_method(name) != nullptr ? MethodAccess::allowed : MethodAccess::none;
  if (object.is(Type::dict)) {
    return listed(name, {"get", "items", "keys", "values", "copy"},
                  {"clear", "fromkeys", "pop", "popitem", "setdefault", "update"});
  }
  if (!object.is(Type::sequence)) return MethodAccess::none;
  if (object.sequence->kind == SequenceKind::list) {
    return listed(name, {"index", "count", "copy"},
                  {"append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"});
  }
  const bool has_search = object.sequence->kind == SequenceKind::tuple || object.sequence->kind == SequenceKind::range;
  return has_search ? listed(name, {"index", "count"}, {}) : MethodAccess::none;
}

Value call_method(const Method& method, const CallValues& arguments, Interpreter& interpreter) {
  const Value& self = method.receiver;
  if (self.is(Type::loop)) return call_loop(*self.loop, method.name, arguments);
  if (self.is(Type::dict)) return call_dict(self, method.name, arguments, interpreter.heap());
  if (self.is(Type::sequence)) return call_sequence(self, method.name, arguments, interpreter.heap());
  interpreter.charge(self.text->size() / 64);
  return find_string_method(method.name)->apply({*self.text, self, arguments, interpreter});
}

}  // namespace r1v::jinja

// value.name, value[key] and value[start:stop:step].
#include "text/template_access.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "text/template_interpreter.h"
#include "text/template_methods.h"
#include "text/template_print.h"
#include "text/template_string.h"

namespace r1v::jinja {
namespace {

Value missing(const Value& object, std::string_view name, Heap& heap) {
  return heap.undefined(cat(type_name(object), " has no attribute \"", printable(name), "\""));
}

// An attribute in Python's sense: a method, a loop's counter, a namespace's content. Empty when there is none.
std::optional<Value> find_attribute(const Value& object, std::string_view name, Heap& heap) {
  if (object.is(Type::name_space)) {
    const Value* found = object.name_space->find(name);
    return found == nullptr ? std::nullopt : std::optional<Value>(*found);
  }
  if (object.is(Type::loop)) return loop_attribute(object, name, heap);
  switch (method_access(object, name)) {
    case MethodAccess::allowed:
      return heap.method(object, std::string(name));
    case MethodAccess::forbidden:
      return heap.undefined(cat("templates may not use \"", name, "\" of ", type_name(object)));
    case MethodAccess::none:
      break;
  }
  return std::nullopt;
}

// A Python index: negative ones count from the end. Empty when it is out of range.
std::optional<size_t> position(int64_t index, size_t size) {
  const auto length = static_cast<int64_t>(size);
  if (index < -length || index >= length) return std::nullopt;
  return static_cast<size_t>(index < 0 ? index + length : index);
}

std::optional<Value> find_item(const Value& object, const Value& key, Heap& heap) {
  if (object.is(Type::dict)) {
    const Value* found = is_hashable(key) ? object.dict->find(key) : nullptr;
    return found == nullptr ? std::nullopt : std::optional<Value>(*found);
  }
  if (!key.is_integral()) return std::nullopt;
  if (object.is(Type::string)) {
    const auto at = position(key.as_integer(), count_characters(*object.text));
    if (!at) return std::nullopt;
    const size_t start = byte_offset(*object.text, *at);
    const size_t end = start + byte_offset(std::string_view(*object.text).substr(start), 1);
    return heap.string(object.text->substr(start, end - start), object);
  }
  if (object.is(Type::sequence) && object.sequence->kind <= SequenceKind::range) {
    const auto at = position(key.as_integer(), object.sequence->values.size());
    return at ? std::optional<Value>(object.sequence->values[*at]) : std::nullopt;
  }
  return std::nullopt;
}

struct SliceRange {
  int64_t start, stop, step;
};

int64_t slice_part(const Value& part, const char* name) {
  refuse_undefined(part);
  if (!part.is_integral()) {
    throw RenderError(cat("the ", name, " of a slice is ", type_name(part), ", expected an integer"));
  }
  return part.as_integer();
}

// slice.indices(length) of Python.
SliceRange resolve(const Value& start, const Value& stop, const Value& step, int64_t length) {
  SliceRange range{};
  range.step = step.is(Type::none) ? 1 : slice_part(step, "step");
  if (range.step == 0) throw RenderError("the step of a slice is 0");
  range.step = std::clamp<int64_t>(range.step, -length - 1, length + 1);
  const int64_t low = range.step < 0 ? -1 : 0;
  const int64_t high = range.step < 0 ? length - 1 : length;
  const auto bound = [&](const Value& part, const char* name, int64_t fallback) {
    if (part.is(Type::none)) return fallback;
    const int64_t index = std::clamp<int64_t>(slice_part(part, name), -length - 1, length);
    return std::clamp(index < 0 ? index + length : index, low, high);
  };
  range.start = bound(start, "start", range.step < 0 ? high : low);
  range.stop = bound(stop, "stop", range.step < 0 ? low : high);
  return range;
}

template <typename Take>
void walk(const SliceRange& range, Take take) {
  for (int64_t i = range.start; range.step > 0 ? i < range.stop : i > range.stop; i += range.step) {
    take(static_cast<size_t>(i));
  }
}

}  // namespace

Value get_attribute(const Value& object, std::string_view name, Heap& heap) {
  refuse_undefined(object);
  if (const auto attribute = find_attribute(object, name, heap)) return *attribute;
  if (object.is(Type::dict) && !name.starts_with("__")) {
    if (const Value* found = object.dict->find(name)) return *found;
  }
  return missing(object, name, heap);
}

Value get_item(const Value& object, const Value& key, Heap& heap) {
  refuse_undefined(object);
  if (const auto item = find_item(object, key, heap)) return *item;
  if (key.is(Type::string)) {
    if (const auto attribute = find_attribute(object, *key.text, heap)) return *attribute;
    return missing(object, *key.text, heap);
  }
  return heap.undefined(cat(type_name(object), " has no element ", key.is_number() ? to_text(key) : type_name(key)));
}

Value get_slice(const Value& object, const Value& start, const Value& stop, const Value& step, Heap& heap) {
  refuse_undefined(object);
  if (object.is(Type::string)) {
    const auto letters = characters(*object.text);
    heap.charge(letters.size() * sizeof(letters[0]));
    std::string out;
    walk(resolve(start, stop, step, static_cast<int64_t>(letters.size())), [&](size_t i) { out += letters[i]; });
    return heap.string(std::move(out), object);
  }
  if (object.is(Type::sequence) && object.sequence->kind <= SequenceKind::range) {
    const auto& values = object.sequence->values;
    std::vector<Value> out;
    walk(resolve(start, stop, step, static_cast<int64_t>(values.size())), [&](size_t i) { out.push_back(values[i]); });
    return heap.sequence(object.sequence->kind, std::move(out));
  }
  throw RenderError(cat(type_name(object), " cannot be sliced"));
}

Value loop_attribute(const Value& loop, std::string_view name, Heap& heap) {
  const LoopState& state = *loop.loop;
  const auto count = static_cast<int64_t>(state.values.size());
  const auto index = static_cast<int64_t>(state.index);
  if (name == "index") return Value::of(index + 1);
  if (name == "index0") return Value::of(index);
  if (name == "revindex") return Value::of(count - index);
  if (name == "revindex0") return Value::of(count - index - 1);
  if (name == "first") return Value::of(index == 0);
  if (name == "last") return Value::of(index == count - 1);
  if (name == "length") return Value::of(count);
  if (name == "depth") return Value::of(int64_t{1});
  if (name == "depth0") return Value::of(int64_t{0});
  if (name == "previtem") {
    return index == 0 ? heap.undefined("there is no previous item") : state.values[state.index - 1];
  }
  if (name == "nextitem") {
    return index + 1 == count ? heap.undefined("there is no next item") : state.values[state.index + 1];
  }
  if (name == "cycle" || name == "changed") return heap.method(loop, std::string(name));
  return missing(loop, name, heap);
}

}  // namespace r1v::jinja

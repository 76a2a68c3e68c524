// Making values, and Python's rules for truth, equality, order and membership.
#include "text/template_value.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "text/template_string.h"

namespace r1v::jinja {
namespace {

constexpr size_t kObjectBytes = 64;  // rough cost of one object beside its contents

int depth_of(const Value& value) {
  if (value.is(Type::sequence)) return value.sequence->depth;
  return value.is(Type::dict) ? value.dict->depth : 0;
}

void check_nesting(int depth) {
  if (depth > kMaxNesting) throw RenderError(cat("lists and dicts are nested deeper than ", kMaxNesting, " levels"));
}

bool equal_sequences(const Sequence& a, const Sequence& b) {
  if (a.kind != b.kind || a.kind == SequenceKind::generator) return &a == &b;
  return std::ranges::equal(a.values, b.values, [](const Value& x, const Value& y) { return equal(x, y); });
}

bool equal_dicts(const Dict& a, const Dict& b) {
  if (a.entries.size() != b.entries.size()) return false;
  return std::ranges::all_of(a.entries, [&](const auto& entry) {
    const Value* other = b.find(entry.first);
    return other != nullptr && equal(entry.second, *other);
  });
}

template <typename T>
int order(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

int compare_lists(const std::vector<Value>& a, const std::vector<Value>& b, const char* operation) {
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (!equal(a[i], b[i])) return compare(a[i], b[i], operation);
  }
  return order(a.size(), b.size());
}

}  // namespace

const Value* Dict::find(std::string_view key) const {
  for (const auto& [name, value] : entries) {
    if (name.is(Type::string) && *name.text == key) return &value;
  }
  return nullptr;
}

const Value* Dict::find(const Value& key) const {
  if (key.is(Type::string)) return find(*key.text);
  for (const auto& [name, value] : entries) {
    if (equal(name, key)) return &value;
  }
  return nullptr;
}

void Dict::put(const Value& key, const Value& value) {
  if (!is_hashable(key)) throw RenderError(cat(type_name(key), " cannot be a key of a dict"));
  for (auto& [name, old] : entries) {
    if (equal(name, key)) {
      old = value;
      return;
    }
  }
  entries.emplace_back(key, value);
}

const Value* Namespace::find(std::string_view name) const {
  for (const auto& [key, value] : attributes) {
    if (key == name) return &value;
  }
  return nullptr;
}

void Namespace::set(std::string_view name, const Value& value) {
  for (auto& [key, old] : attributes) {
    if (key == name) {
      old = value;
      return;
    }
  }
  attributes.emplace_back(name, value);
}

void Heap::charge(size_t bytes) {
  used_bytes_ += bytes;
  if (used_bytes_ > limit_bytes_) {
    throw RenderError(cat("rendering needs more than ", limit_bytes_ >> 20, " MiB of memory"));
  }
}

Value Heap::string(std::string text) {
  charge(text.size() + kObjectBytes);
  return Value::of(&strings_.emplace_back(std::move(text)));
}

Value Heap::string(std::string text, const Value& like) {
  Value value = string(std::move(text));
  value.safe = like.safe;
  return value;
}

Value Heap::sequence(SequenceKind kind, std::vector<Value> values) {
  charge(values.size() * sizeof(Value) + kObjectBytes);
  int depth = 0;
  for (const Value& value : values) depth = std::max(depth, depth_of(value));
  check_nesting(depth + 1);
  return Value::of(&sequences_.emplace_back(Sequence{kind, std::move(values), depth + 1}));
}

Value Heap::dict(std::vector<std::pair<Value, Value>> entries) {
  charge(entries.size() * 2 * sizeof(Value) + kObjectBytes);
  int depth = 0;
  for (const auto& entry : entries) depth = std::max(depth, depth_of(entry.second));
  check_nesting(depth + 1);
  return Value::of(&dicts_.emplace_back(Dict{std::move(entries), depth + 1}));
}

Value Heap::name_space() {
  charge(kObjectBytes);
  return Value::of(&namespaces_.emplace_back());
}

Value Heap::method(const Value& receiver, std::string name) {
  charge(kObjectBytes);
  return Value::of(&methods_.emplace_back(Method{receiver, std::move(name)}));
}

Value Heap::undefined(std::string message) {
  charge(message.size() + kObjectBytes);
  Value value;
  value.text = &strings_.emplace_back(std::move(message));
  return value;
}

Value Heap::from_json(const Json& json, int depth) {
  check_nesting(depth);
  switch (json.type()) {
    case Json::value_t::null:
      return Value::none();
    case Json::value_t::boolean:
      return Value::of(json.get<bool>());
    case Json::value_t::number_unsigned:
      if (json.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX)) throw RenderError("an integer does not fit 64 bits");
      [[fallthrough]];
    case Json::value_t::number_integer:
      return Value::of(json.get<int64_t>());
    case Json::value_t::number_float:
      return Value::of(json.get<double>());
    case Json::value_t::string:
      return string(json.get_ref<const std::string&>());
    case Json::value_t::array: {
      std::vector<Value> values;
      for (const Json& item : json) values.push_back(from_json(item, depth + 1));
      return list(std::move(values));
    }
    default: {
      R1V_CHECK(json.is_object(), "a template variable of type ", json.type_name());
      std::vector<std::pair<Value, Value>> entries;
      for (const auto& [key, item] : json.items()) entries.emplace_back(string(key), from_json(item, depth + 1));
      return dict(std::move(entries));
    }
  }
}

const char* type_name(const Value& value) {
  static constexpr const char* kNames[] = {"Undefined", "NoneType", "bool",       "int",       "float",
                                           "str",       "list",     "dict",       "Namespace", "Macro",
                                           "function",  "method",   "LoopContext"};
  static constexpr const char* kSequences[] = {"list",      "tuple",       "range",     "generator",
                                               "dict_keys", "dict_values", "dict_items"};
  if (value.is(Type::sequence)) return kSequences[static_cast<size_t>(value.sequence->kind)];
  return kNames[static_cast<size_t>(value.type)];
}

bool truthy(const Value& value) {
  switch (value.type) {
    case Type::undefined:
    case Type::none:
      return false;
    case Type::boolean:
      return value.boolean;
    case Type::integer:
      return value.integer != 0;
    case Type::real:
      return value.real != 0.0;
    case Type::string:
      return !value.text->empty();
    case Type::sequence:
      return value.sequence->kind == SequenceKind::generator || !value.sequence->values.empty();
    case Type::dict:
      return !value.dict->entries.empty();
    default:
      return true;
  }
}

bool equal(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) {
    return a.is_integral() && b.is_integral() ? a.as_integer() == b.as_integer() : a.as_real() == b.as_real();
  }
  if (a.type != b.type) return false;
  switch (a.type) {
    case Type::undefined:
    case Type::none:
      return true;
    case Type::string:
      return *a.text == *b.text;
    case Type::sequence:
      return equal_sequences(*a.sequence, *b.sequence);
    case Type::dict:
      return equal_dicts(*a.dict, *b.dict);
    case Type::function:
      return a.function == b.function;
    case Type::method:
      return a.method->name == b.method->name && equal(a.method->receiver, b.method->receiver);
    default:
      return a.name_space == b.name_space;  // identity: all remaining kinds are pointers
  }
}

int compare(const Value& a, const Value& b, const char* operation) {
  refuse_undefined(a);
  refuse_undefined(b);
  if (a.is_integral() && b.is_integral()) return order(a.as_integer(), b.as_integer());
  if (a.is_number() && b.is_number()) return order(a.as_real(), b.as_real());
  if (a.is(Type::string) && b.is(Type::string)) return a.text->compare(*b.text);  // UTF-8 keeps code point order
  const bool lists = a.is(Type::sequence) && b.is(Type::sequence) && a.sequence->kind == b.sequence->kind &&
                     (a.sequence->kind == SequenceKind::list || a.sequence->kind == SequenceKind::tuple);
  if (lists) return compare_lists(a.sequence->values, b.sequence->values, operation);
  throw RenderError(cat("\"", operation, "\" does not order ", type_name(a), " and ", type_name(b)));
}

bool contains(const Value& container, const Value& item) {
  switch (container.type) {
    case Type::undefined:
      return false;
    case Type::string:
      if (!item.is(Type::string)) throw RenderError(cat("\"in\" looks for ", type_name(item), " in a string"));
      return container.text->find(*item.text) != std::string::npos;
    case Type::sequence: {
      const auto& values = container.sequence->values;
      if (container.sequence->is_consumed) return false;
      container.sequence->is_consumed = container.sequence->kind == SequenceKind::generator;
      return std::ranges::any_of(values, [&](const Value& value) { return equal(value, item); });
    }
    case Type::dict:
      if (!is_hashable(item)) throw RenderError(cat(type_name(item), " cannot be a key of a dict"));
      return container.dict->find(item) != nullptr;
    default:
      throw RenderError(cat("\"in\" looks into ", type_name(container), ", which holds nothing"));
  }
}

int64_t length_of(const Value& value) {
  switch (value.type) {
    case Type::undefined:
      return 0;
    case Type::string:
      return static_cast<int64_t>(count_characters(*value.text));
    case Type::dict:
      return static_cast<int64_t>(value.dict->entries.size());
    case Type::sequence:
      if (value.sequence->kind == SequenceKind::generator) break;
      return static_cast<int64_t>(value.sequence->values.size());
    default:
      break;
  }
  throw RenderError(cat(type_name(value), " has no length"));
}

bool is_iterable(const Value& value) {
  return value.is(Type::undefined) || value.is(Type::string) || value.is(Type::sequence) || value.is(Type::dict) ||
         value.is(Type::loop);
}

std::vector<Value> iterate(const Value& value, Heap& heap) {
  std::vector<Value> values;
  switch (value.type) {
    case Type::undefined:
      break;
    case Type::string:
      for (const std::string_view character : characters(*value.text)) {
        values.push_back(heap.string(std::string(character)));
      }
      break;
    case Type::sequence:
      if (value.sequence->is_consumed) break;
      value.sequence->is_consumed = value.sequence->kind == SequenceKind::generator;
      heap.charge(value.sequence->values.size() * sizeof(Value));
      return value.sequence->values;
    case Type::dict:
      for (const auto& entry : value.dict->entries) values.push_back(entry.first);
      break;
    default:
      throw RenderError(cat(type_name(value), " cannot be iterated over"));
  }
  heap.charge(values.size() * sizeof(Value));
  return values;
}

bool is_hashable(const Value& value) {
  if (value.is(Type::dict)) return false;
  if (!value.is(Type::sequence)) return true;
  if (value.sequence->kind == SequenceKind::tuple) return std::ranges::all_of(value.sequence->values, is_hashable);
  return value.sequence->kind == SequenceKind::range || value.sequence->kind == SequenceKind::generator;
}

int64_t truncated(double value) {
  if (!(std::abs(value) < 9.2e18)) throw RenderError("a float does not fit a 64-bit integer");
  return static_cast<int64_t>(value);
}

void refuse_undefined(const Value& value) {
  if (!value.is(Type::undefined)) return;
  throw RenderError(value.text == nullptr ? "an undefined value is used" : *value.text);
}

}  // namespace r1v::jinja

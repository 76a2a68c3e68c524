// Filters that take lists and dicts apart, as in jinja2 3.1 (filters.py).
#include "text/template_filters_sequence.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "base/error.h"
#include "text/template_access.h"
#include "text/template_interpreter.h"
#include "text/template_operators.h"
#include "text/template_print.h"
#include "text/template_string.h"

namespace r1v::jinja {
namespace {

// "address.city" or "0.name": each part is an item; digits are an index. None for no attribute at all.
class Path {
 public:
  Path(const Value* attribute, Heap& heap) : heap_(heap) {
    if (attribute == nullptr || attribute->is(Type::none)) return;
    if (!attribute->is(Type::string)) {
      parts_.push_back(*attribute);
      return;
    }
    for (const std::string_view part : split_at(*attribute->text, ".", -1, false)) {
      const bool is_index = !part.empty() && part.size() < 10 && part.find_first_not_of("0123456789") == part.npos;
      parts_.push_back(is_index ? Value::of(int64_t{std::stoll(std::string(part))}) : heap.string(std::string(part)));
    }
  }

  /// `fallback` replaces what is undefined on the way.
  Value of(Value item, const Value* fallback = nullptr) const {
    for (const Value& part : parts_) {
      item = get_item(item, part, heap_);
      if (item.is(Type::undefined) && fallback != nullptr && !fallback->is(Type::none)) item = *fallback;
    }
    return item;
  }

 private:
  Heap& heap_;
  std::vector<Value> parts_;
};

const Value* optional(const Bound& bound, size_t index) { return bound.has(index) ? &bound.at(index) : nullptr; }

Value without_case(const Value& value, bool case_sensitive, Heap& heap) {
  if (case_sensitive || !value.is(Type::string)) return value;
  return heap.string(change_case(*value.text, LetterCase::lower));
}

// Sorts by keys, keeping the order of equal ones; each comparison counts as a step.
std::vector<Value> sorted(Interpreter& interpreter, const std::vector<Value>& values,
                          const std::function<Value(const Value&)>& key_of, bool reverse) {
  std::vector<std::pair<Value, Value>> keyed;
  for (const Value& value : values) keyed.emplace_back(key_of(value), value);
  std::ranges::stable_sort(keyed, [&](const auto& a, const auto& b) {
    interpreter.charge(1);
    return reverse ? compare(b.first, a.first, "<") < 0 : compare(a.first, b.first, "<") < 0;
  });
  std::vector<Value> out;
  for (const auto& entry : keyed) out.push_back(entry.second);
  return out;
}

// select, reject and their attribute forms.
Value choose(Interpreter& interpreter, const Value& input, const CallValues& arguments, bool by_attribute, bool keep) {
  Heap& heap = interpreter.heap();
  std::vector<Value> kept;
  if (!truthy(input)) return heap.sequence(SequenceKind::generator, {});
  const size_t skipped = by_attribute ? 1 : 0;
  if (arguments.positional.size() < skipped) throw RenderError("selectattr needs the name of an attribute");
  const Path path(by_attribute ? &arguments.positional[0] : nullptr, heap);
  CallValues rest;
  rest.named = arguments.named;
  if (arguments.positional.size() > skipped + 1) {
    const auto first = arguments.positional.begin() + static_cast<std::ptrdiff_t>(skipped + 1);
    rest.positional.assign(first, arguments.positional.end());
  }
  const Value* test = arguments.positional.size() > skipped ? &arguments.positional[skipped] : nullptr;
  for (const Value& item : iterate(input, heap)) {
    const Value value = path.of(item);
    const bool passes = test == nullptr ? truthy(value) : interpreter.apply_test(to_text(*test), value, rest);
    if (passes == keep) kept.push_back(item);
  }
  return heap.sequence(SequenceKind::generator, std::move(kept));
}

Value extreme(Interpreter& interpreter, const Value& input, const CallValues& arguments, bool wants_max) {
  const Bound bound(wants_max ? "max" : "min", "case_sensitive=,attribute=", arguments);
  const std::vector<Value> values = iterate(input, interpreter.heap());
  if (values.empty()) return interpreter.heap().undefined("no smallest or largest item: the sequence is empty");
  const Path path(optional(bound, 1), interpreter.heap());
  const auto key = [&](const Value& value) {
    return without_case(path.of(value), bound.truth(0, false), interpreter.heap());
  };
  const Value* best = &values[0];
  for (const Value& value : values) {
    const int order = compare(key(value), key(*best), wants_max ? ">" : "<");
    if (wants_max ? order > 0 : order < 0) best = &value;
  }
  return *best;
}

}  // namespace

Value filter_batch(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const Bound bound("batch", "linecount,fill_with=", arguments);
  Heap& heap = interpreter.heap();
  const int64_t size = bound.integer(0, 1);
  std::vector<Value> rows, row;
  for (const Value& value : iterate(input, heap)) {
    if (static_cast<int64_t>(row.size()) == size) {
      rows.push_back(heap.list(std::move(row)));
      row.clear();
    }
    row.push_back(value);
  }
  if (!row.empty()) {
    heap.charge(bound.is_set(1) && size > 0 ? static_cast<size_t>(size) * sizeof(Value) : 0);
    while (bound.is_set(1) && static_cast<int64_t>(row.size()) < size) row.push_back(bound.at(1));
    rows.push_back(heap.list(std::move(row)));
  }
  return heap.sequence(SequenceKind::generator, std::move(rows));
}

Value filter_slice(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const Bound bound("slice", "slices,fill_with=", arguments);
  Heap& heap = interpreter.heap();
  const std::vector<Value> values = iterate(input, heap);
  const int64_t count = bound.integer(0, 1);
  if (count == 0) throw RenderError("division by zero");
  const auto length = static_cast<int64_t>(values.size());
  std::vector<Value> slices;
  auto at = values.begin();
  for (int64_t i = 0; i < count; ++i) {
    const int64_t size = length / count + (i < length % count ? 1 : 0);
    std::vector<Value> slice(at, at + size);
    at += size;
    if (bound.is_set(1) && i >= length % count) slice.push_back(bound.at(1));
    slices.push_back(heap.list(std::move(slice)));
  }
  return heap.sequence(SequenceKind::generator, std::move(slices));
}

Value filter_dictsort(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const Bound bound("dictsort", "case_sensitive=,by=,reverse=", arguments);
  refuse_undefined(input);
  if (!input.is(Type::dict)) throw RenderError(cat("dictsort needs a dict, found ", type_name(input)));
  const std::string by = bound.text_or(1, "key");
  if (by != "key" && by != "value") throw RenderError("dictsort sorts by \"key\" or \"value\"");
  Heap& heap = interpreter.heap();
  std::vector<Value> pairs;
  for (const auto& [key, value] : input.dict->entries) pairs.push_back(heap.tuple({key, value}));
  const auto key_of = [&](const Value& pair) {
    return without_case(pair.sequence->values[by == "key" ? 0 : 1], bound.truth(0, false), heap);
  };
  return heap.list(sorted(interpreter, pairs, key_of, bound.truth(2, false)));
}

Value filter_sort(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const Bound bound("sort", "reverse=,case_sensitive=,attribute=", arguments);
  Heap& heap = interpreter.heap();
  std::vector<Path> paths;  // "a,b" sorts by two attributes
  if (bound.is_set(2) && bound.at(2).is(Type::string)) {
    for (const std::string_view part : split_at(*bound.at(2).text, ",", -1, false)) {
      const Value attribute = heap.string(std::string(part));
      paths.emplace_back(&attribute, heap);
    }
  } else {
    paths.emplace_back(optional(bound, 2), heap);
  }
  const auto key_of = [&](const Value& value) {
    std::vector<Value> keys;
    for (const Path& path : paths) keys.push_back(without_case(path.of(value), bound.truth(1, false), heap));
    return heap.list(std::move(keys));
  };
  return heap.list(sorted(interpreter, iterate(input, heap), key_of, bound.truth(0, false)));
}

Value filter_groupby(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const Bound bound("groupby", "attribute,default=,case_sensitive=", arguments);
  Heap& heap = interpreter.heap();
  const Path path(&bound.at(0), heap);
  const auto plain_key = [&](const Value& value) { return path.of(value, optional(bound, 1)); };
  const auto key_of = [&](const Value& value) { return without_case(plain_key(value), bound.truth(2, false), heap); };
  std::vector<Value> groups, group;
  const auto close = [&] {
    if (group.empty()) return;
    const Value key = plain_key(group[0]);
    groups.push_back(heap.tuple({key, heap.list(std::exchange(group, {}))}));
  };
  for (const Value& value : sorted(interpreter, iterate(input, heap), key_of, false)) {
    if (!group.empty() && !equal(key_of(group[0]), key_of(value))) close();
    group.push_back(value);
  }
  close();
  return heap.list(std::move(groups));
}

Value filter_unique(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const Bound bound("unique", "case_sensitive=,attribute=", arguments);
  Heap& heap = interpreter.heap();
  const Path path(optional(bound, 1), heap);
  std::vector<Value> seen, kept;
  for (const Value& value : iterate(input, heap)) {
    const Value key = without_case(path.of(value), bound.truth(0, false), heap);
    if (!is_hashable(key)) throw RenderError(cat("unique cannot compare values of type ", type_name(key)));
    interpreter.charge(seen.size() / 8);
    if (std::ranges::any_of(seen, [&](const Value& other) { return equal(other, key); })) continue;
    seen.push_back(key);
    kept.push_back(value);
  }
  return heap.sequence(SequenceKind::generator, std::move(kept));
}

Value filter_max(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  return extreme(interpreter, input, arguments, true);
}

Value filter_min(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  return extreme(interpreter, input, arguments, false);
}

Value filter_first(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const Bound none("first", "", arguments);
  const std::vector<Value> values = iterate(input, interpreter.heap());
  return values.empty() ? interpreter.heap().undefined("no first item: the sequence is empty") : values.front();
}

Value filter_last(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const Bound none("last", "", arguments);
  if (input.is(Type::sequence) && input.sequence->kind == SequenceKind::generator) {
    throw RenderError("last needs a list, found a generator; pass it through |list first");
  }
  const std::vector<Value> values = iterate(input, interpreter.heap());
  return values.empty() ? interpreter.heap().undefined("no last item: the sequence is empty") : values.back();
}

Value filter_items(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const Bound none("items", "", arguments);
  std::vector<Value> pairs;
  if (!input.is(Type::undefined)) {
    if (!input.is(Type::dict)) throw RenderError(cat("items needs a dict, found ", type_name(input)));
    for (const auto& [key, value] : input.dict->entries) pairs.push_back(interpreter.heap().tuple({key, value}));
  }
  return interpreter.heap().sequence(SequenceKind::generator, std::move(pairs));
}

Value filter_join(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const Bound bound("join", "d=,attribute=", arguments);
  const std::string separator = bound.has(0) ? to_text(bound.at(0)) : "";
  const Path path(optional(bound, 1), interpreter.heap());
  std::string out;
  bool first = true;
  for (const Value& value : iterate(input, interpreter.heap())) {
    if (!std::exchange(first, false)) out += separator;
    out += to_text(path.of(value));
    interpreter.charge(1 + separator.size() / 64);
  }
  return interpreter.heap().string(std::move(out));
}

Value filter_length(Interpreter&, const Value& input, const CallValues& arguments) {
  const Bound none("length", "", arguments);
  return Value::of(length_of(input));
}

Value filter_list(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const Bound none("list", "", arguments);
  return interpreter.heap().list(iterate(input, interpreter.heap()));
}

Value filter_map(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  Heap& heap = interpreter.heap();
  if (!truthy(input)) return heap.sequence(SequenceKind::generator, {});
  const bool by_attribute =
      arguments.positional.empty() && !arguments.named.empty() && arguments.named[0].first == "attribute";
  std::vector<Value> mapped;
  if (by_attribute) {
    const Bound bound("map", "attribute,default=", arguments);
    const Path path(&bound.at(0), heap);
    for (const Value& value : iterate(input, heap)) mapped.push_back(path.of(value, optional(bound, 1)));
  } else {
    if (arguments.positional.empty()) throw RenderError("map needs the name of a filter or attribute=...");
    CallValues rest;
    rest.named = arguments.named;
    rest.positional.assign(arguments.positional.begin() + 1, arguments.positional.end());
    const std::string name = to_text(arguments.positional[0]);
    for (const Value& value : iterate(input, heap)) mapped.push_back(interpreter.apply_filter(name, value, rest));
  }
  return heap.sequence(SequenceKind::generator, std::move(mapped));
}

Value filter_select(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  return choose(interpreter, input, arguments, false, true);
}

Value filter_reject(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  return choose(interpreter, input, arguments, false, false);
}

Value filter_selectattr(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  return choose(interpreter, input, arguments, true, true);
}

Value filter_rejectattr(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  return choose(interpreter, input, arguments, true, false);
}

Value filter_reverse(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const Bound none("reverse", "", arguments);
  if (input.is(Type::string)) {
    const Value step = Value::of(int64_t{-1});
    return get_slice(input, Value::none(), Value::none(), step, interpreter.heap());
  }
  std::vector<Value> values = iterate(input, interpreter.heap());
  std::ranges::reverse(values);
  return interpreter.heap().sequence(SequenceKind::generator, std::move(values));
}

Value filter_sum(Interpreter& interpreter, const Value& input, const CallValues& arguments) {
  const Bound bound("sum", "attribute=,start=", arguments);
  const Path path(optional(bound, 0), interpreter.heap());
  Value total = bound.has(1) ? bound.at(1) : Value::of(int64_t{0});
  if (total.is(Type::string)) throw RenderError("sum does not add strings; use |join");
  for (const Value& value : iterate(input, interpreter.heap())) {
    total = binary(Operator::add, total, path.of(value), interpreter.heap());
  }
  return total;
}

}  // namespace r1v::jinja

// Values of the template language: the Python objects that chat templates meet, and no more.
#pragma once

#include <cstdint>
#include <deque>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"

namespace r1v::jinja {

/// What went wrong while rendering; the interpreter adds the template's name and line.
class RenderError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Type : uint8_t {
  undefined,
  none,
  boolean,
  integer,
  real,
  string,
  sequence,
  dict,
  name_space,
  macro,
  function,
  method,
  loop
};

struct Sequence;
struct Dict;
struct Namespace;
struct Macro;
struct Method;
struct LoopState;

/// Functions that every template can call by name.
enum class Function : uint8_t { range, dict, name_space, raise_exception, strftime_now };

/// A small handle; what it points to lives in a Heap (or in the parsed template) until the rendering ends.
struct Value {
  Type type = Type::undefined;
  bool safe = false;  // a string that went through |safe: `+` with it escapes HTML, as markupsafe does
  union {
    const std::string* text = nullptr;  // string; undefined: what to say when it is used, or null
    bool boolean;
    int64_t integer;
    double real;
    const Sequence* sequence;
    const Dict* dict;
    Namespace* name_space;
    const Macro* macro;
    Function function;
    const Method* method;
    LoopState* loop;
  };

  static Value none() { return with_type(Type::none); }
  static Value of(bool value) { return assign(Type::boolean, &Value::boolean, value); }
  static Value of(int64_t value) { return assign(Type::integer, &Value::integer, value); }
  static Value of(double value) { return assign(Type::real, &Value::real, value); }
  static Value of(const std::string* value) { return assign(Type::string, &Value::text, value); }
  static Value of(const Sequence* value) { return assign(Type::sequence, &Value::sequence, value); }
  static Value of(const Dict* value) { return assign(Type::dict, &Value::dict, value); }
  static Value of(Namespace* value) { return assign(Type::name_space, &Value::name_space, value); }
  static Value of(const Macro* value) { return assign(Type::macro, &Value::macro, value); }
  static Value of(Function value) { return assign(Type::function, &Value::function, value); }
  static Value of(const Method* value) { return assign(Type::method, &Value::method, value); }
  static Value of(LoopState* value) { return assign(Type::loop, &Value::loop, value); }

  bool is(Type wanted) const { return type == wanted; }
  bool is_number() const { return type == Type::boolean || type == Type::integer || type == Type::real; }
  /// bool counts as an integer, as in Python.
  bool is_integral() const { return type == Type::boolean || type == Type::integer; }
  int64_t as_integer() const { return type == Type::boolean ? int64_t{boolean} : integer; }
  double as_real() const { return type == Type::real ? real : static_cast<double>(as_integer()); }

 private:
  static Value with_type(Type type) {
    Value value;
    value.type = type;
    return value;
  }
  template <typename T>
  static Value assign(Type type, T Value::* member, T content) {
    Value value = with_type(type);
    value.*member = content;
    return value;
  }
};

enum class SequenceKind : uint8_t { list, tuple, range, generator, keys, values, items };

/// list and tuple, and the things that Python would make lazily (they cannot be indexed or written as JSON).
struct Sequence {
  SequenceKind kind = SequenceKind::list;
  std::vector<Value> values;
  int depth = 1;
  mutable bool is_consumed = false;  // a generator gives its values once
};

/// Keys keep their order. A linear search: the dicts of conversations and tools are small.
struct Dict {
  std::vector<std::pair<Value, Value>> entries;
  int depth = 1;
  /// Null when there is no such key.
  const Value* find(const Value& key) const;
  const Value* find(std::string_view key) const;
  /// A key that is there already keeps its place. Throws RenderError for what cannot be a key.
  void put(const Value& key, const Value& value);
};

/// namespace(...): the only thing that a template can change.
struct Namespace {
  std::vector<std::pair<std::string, Value>> attributes;
  const Value* find(std::string_view name) const;
  void set(std::string_view name, const Value& value);
};

/// A method that waits for its call: "abc".upper
struct Method {
  Value receiver;
  std::string name;
};

/// Owns all that one rendering makes and counts its bytes.
class Heap {
 public:
  explicit Heap(size_t limit_bytes) : limit_bytes_(limit_bytes) {}
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  Value string(std::string text);
  /// A string that is marked as safe where `like` is.
  Value string(std::string text, const Value& like);
  Value sequence(SequenceKind kind, std::vector<Value> values);
  Value list(std::vector<Value> values) { return sequence(SequenceKind::list, std::move(values)); }
  Value tuple(std::vector<Value> values) { return sequence(SequenceKind::tuple, std::move(values)); }
  Value dict(std::vector<std::pair<Value, Value>> entries);
  Value name_space();
  Value method(const Value& receiver, std::string name);
  /// `message` is what any use of the value but printing and testing will say.
  Value undefined(std::string message);
  Value from_json(const Json& json, int depth = 0);
  /// Counts `bytes` against the limit.
  void charge(size_t bytes);

 private:
  size_t limit_bytes_;
  size_t used_bytes_ = 0;
  std::deque<std::string> strings_;
  std::deque<Sequence> sequences_;
  std::deque<Dict> dicts_;
  std::deque<Namespace> namespaces_;
  std::deque<Method> methods_;
};

/// Deepest nesting of lists and dicts.
inline constexpr int kMaxNesting = 200;

/// Python's name of the type: "str", "NoneType", "list", ...
const char* type_name(const Value& value);
bool truthy(const Value& value);
bool equal(const Value& a, const Value& b);
/// Negative, zero or positive; throws RenderError for types without an order. `operation` is for the message.
int compare(const Value& a, const Value& b, const char* operation);
/// `item in container`.
bool contains(const Value& container, const Value& item);
/// len(value).
int64_t length_of(const Value& value);
/// The values that `for x in value` takes; a generator is used up by it.
std::vector<Value> iterate(const Value& value, Heap& heap);
bool is_iterable(const Value& value);
/// list, dict and namespace-like values cannot be keys.
bool is_hashable(const Value& value);
/// int(float); throws RenderError for infinities, NaN and what does not fit 64 bits.
int64_t truncated(double value);
/// Throws what using an undefined value says; nothing for other values.
void refuse_undefined(const Value& value);

}  // namespace r1v::jinja

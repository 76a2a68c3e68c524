// What JSON a request may hold, as a value: checked against, and printed into the OpenAPI description.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace r1v {

struct Field;

/// One kind of JSON value. In objects null is the same as leaving a field out, but for required ones.
struct Shape {
  enum class Kind {
    any,      // not looked into
    refused,  // known, and not supported: null alone; text says why
    boolean,
    integer,
    number,
    string,
    list,    // of items[0]
    map,     // any keys, values of items[0]
    object,  // fields and nothing else
    either,  // one of options, told apart by their kind, objects by their field `tag`
  };
  Kind kind = Kind::any;
  std::string text;  // what it means
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool is_above_low = false;      // low itself is out
  std::optional<bool> only = {};  // of booleans
  size_t min_size = 0;            // characters of a string, entries of a list or map
  size_t max_size = SIZE_MAX;
  std::vector<std::string> choices = {};  // of strings; empty: any
  bool keys_are_ids = false;              // of a map: digits
  std::vector<Field> fields = {};
  std::vector<Shape> items = {};
  std::vector<Shape> options = {};
  std::string tag = {};
  std::string name = {};     // under which OpenAPI lists it; empty: it is written out where it stands
  bool may_be_null = false;  // of replies
};

struct Field {
  std::string name;
  Shape shape;
  bool is_required = false;
};

/// throws HttpError 400 naming the place ("messages[0].content"), what was found and what is expected:
/// "unknown_parameter", "missing_required_parameter", "invalid_type", "invalid_value", "unsupported_parameter".
void check_shape(const Json& value, const Shape& shape, const std::string& where = "");

/// JSON Schema 2020-12, as OpenAPI 3.1 embeds it. Named shapes go into `components` and are referred to.
Json schema_of(const Shape& shape, Json& components);

/// Short ways to say them.
namespace shapes {

Shape boolean(std::string text);
Shape integer(std::string text, double low, double high);
Shape number(std::string text, double low, double high);
Shape string(std::string text, size_t max_size = SIZE_MAX);
Shape choice(std::vector<std::string> choices, std::string text = "");
Shape list(Shape item, std::string text, size_t min_size = 0, size_t max_size = SIZE_MAX);
Shape object(std::string name, std::vector<Field> fields, std::string text = "");
Shape either(std::vector<Shape> options, std::string text, std::string tag = "");
Shape refused(std::string why);
Shape nullable(Shape shape);

}  // namespace shapes

}  // namespace r1v

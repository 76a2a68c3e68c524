// Shapes as JSON Schema: the description that is served is made of the very tables that requests are checked against.
#include <cmath>

#include "serve/shape.h"

namespace r1v {
namespace {

Json number_json(double value) {
  return std::trunc(value) == value && std::abs(value) < 9.2e18 ? Json(static_cast<int64_t>(value)) : Json(value);
}

void put_range(const Shape& shape, Json& schema) {
  if (!std::isinf(shape.low)) schema[shape.is_above_low ? "exclusiveMinimum" : "minimum"] = number_json(shape.low);
  if (!std::isinf(shape.high)) schema["maximum"] = number_json(shape.high);
}

void put_size(const Shape& shape, const char* what, Json& schema) {
  if (shape.min_size > 0) schema[std::string("min") + what] = shape.min_size;
  if (shape.max_size != SIZE_MAX) schema[std::string("max") + what] = shape.max_size;
}

Json or_null(Json schema) { return {{"anyOf", Json::array({std::move(schema), {{"type", "null"}}})}}; }

Json object_schema(const Shape& shape, Json& components) {
  Json schema = {{"type", "object"}, {"additionalProperties", false}, {"properties", Json::object()}};
  Json required = Json::array();
  for (const Field& field : shape.fields) {
    Json property = schema_of(field.shape, components);
    // A reply's fields say themselves whether they may be null.
    const bool takes_null = !field.is_required && field.shape.kind != Shape::Kind::refused &&
                            field.shape.kind != Shape::Kind::any && !field.shape.may_be_null;
    schema["properties"][field.name] = takes_null ? or_null(std::move(property)) : std::move(property);
    if (field.is_required) required.push_back(field.name);
  }
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

Json plain_schema(const Shape& shape, Json& components) {
  Json schema = Json::object();
  switch (shape.kind) {
    case Shape::Kind::any:
      return schema;
    case Shape::Kind::refused:
      schema["type"] = "null";
      return schema;
    case Shape::Kind::boolean:
      schema["type"] = "boolean";
      if (shape.only) schema["enum"] = Json::array({*shape.only});
      return schema;
    case Shape::Kind::integer:
    case Shape::Kind::number:
      schema["type"] = shape.kind == Shape::Kind::integer ? "integer" : "number";
      put_range(shape, schema);
      return schema;
    case Shape::Kind::string:
      schema["type"] = "string";
      if (!shape.choices.empty()) schema["enum"] = shape.choices;
      put_size(shape, "Length", schema);
      return schema;
    case Shape::Kind::list:
      schema = {{"type", "array"}, {"items", schema_of(shape.items[0], components)}};
      put_size(shape, "Items", schema);
      return schema;
    case Shape::Kind::map:
      schema = {{"type", "object"}, {"additionalProperties", schema_of(shape.items[0], components)}};
      if (shape.keys_are_ids) schema["propertyNames"] = {{"pattern", "^[0-9]+$"}};
      put_size(shape, "Properties", schema);
      return schema;
    case Shape::Kind::object:
      return object_schema(shape, components);
    case Shape::Kind::either:
      schema["anyOf"] = Json::array();
      for (const Shape& option : shape.options) schema["anyOf"].push_back(schema_of(option, components));
      return schema;
  }
  return schema;
}

}  // namespace

Json schema_of(const Shape& shape, Json& components) {
  const auto described = [&](Json schema) {
    if (!shape.text.empty()) schema["description"] = shape.text;
    return schema;
  };
  Json schema;
  if (shape.name.empty()) {
    schema = described(plain_schema(shape, components));
  } else {
    if (!components.contains(shape.name)) {
      components[shape.name] = Json::object();  // taken: a shape inside may refer to it
      components[shape.name] = described(plain_schema(shape, components));
    }
    schema = {{"$ref", "#/components/schemas/" + shape.name}};
  }
  return shape.may_be_null ? or_null(std::move(schema)) : schema;
}

}  // namespace r1v

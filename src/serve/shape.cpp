// Every refusal names the place, what stands there, and what is known.
#include "serve/shape.h"

#include <algorithm>
#include <cmath>

#include "http/error.h"

namespace r1v {
namespace {

[[noreturn]] void refuse(const char* code, const std::string& where, const std::string& what) {
  throw HttpError(400, code, where.empty() ? cat("the request's body ", what) : cat(where, " ", what), where);
}

std::string below(const std::string& where, const std::string& key) {
  const std::string name = printable(key, 60);
  return where.empty() ? name : cat(where, ".", name);
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

const char* type_name(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_boolean()) return "a boolean";
  if (value.is_number()) return "a number";
  if (value.is_string()) return "a string";
  return value.is_array() ? "a list" : "an object";
}

const char* expected_name(Shape::Kind kind) {
  switch (kind) {
    case Shape::Kind::boolean:
      return "a boolean";
    case Shape::Kind::integer:
      return "an integer";
    case Shape::Kind::number:
      return "a number";
    case Shape::Kind::string:
      return "a string";
    case Shape::Kind::list:
      return "a list";
    case Shape::Kind::map:
    case Shape::Kind::object:
      return "an object";
    default:
      return "something else";
  }
}

bool has_kind(const Json& value, const Shape& shape) {
  switch (shape.kind) {
    case Shape::Kind::any:
      return true;
    case Shape::Kind::refused:
      return value.is_null();
    case Shape::Kind::boolean:
      return value.is_boolean();
    case Shape::Kind::integer:
    case Shape::Kind::number:
      return value.is_number();
    case Shape::Kind::string:
      return value.is_string();
    case Shape::Kind::list:
      return value.is_array();
    case Shape::Kind::map:
    case Shape::Kind::object:
      return value.is_object();
    case Shape::Kind::either:
      return std::ranges::any_of(shape.options, [&](const Shape& option) { return has_kind(value, option); });
  }
  return false;
}

void expect_kind(const Json& value, const Shape& shape, const std::string& where) {
  if (has_kind(value, shape)) return;
  std::string expected = expected_name(shape.kind);
  if (shape.kind == Shape::Kind::either) {
    std::vector<std::string> names;
    for (const Shape& option : shape.options) {
      const std::string name = expected_name(option.kind);
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
    expected = joined(names);
  }
  refuse("invalid_type", where, cat("is ", type_name(value), ", expected ", expected));
}

void check_number(const Json& value, const Shape& shape, const std::string& where) {
  // 64 bits of mantissa: integers of 64 bits compare exactly.
  const auto found = value.get<long double>();
  if (shape.kind == Shape::Kind::integer && !value.is_number_integer() && std::trunc(found) != found) {
    refuse("invalid_type", where, cat("is ", found, ", expected an integer"));
  }
  if (found >= shape.low && found <= shape.high && !(shape.is_above_low && found == shape.low)) return;
  // Integers print as such, not as 1e+06.
  const auto text = [](double number) {
    return dump_json(std::trunc(number) == number && std::abs(number) < 9.2e18 ? Json(static_cast<int64_t>(number))
                                                                               : Json(number));
  };
  const std::string least =
      std::isinf(shape.low) ? "" : cat(shape.is_above_low ? "more than " : "at least ", text(shape.low));
  const std::string most = std::isinf(shape.high) ? "" : cat("at most ", text(shape.high));
  refuse("invalid_value", where,
         cat("is ", printable(dump_json(value), 40), ", expected ", least, least.empty() || most.empty() ? "" : " and ",
             most));
}

size_t characters(const std::string& text) {
  return static_cast<size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

void check_size(size_t size, const Shape& shape, const std::string& where, const char* unit) {
  if (size < shape.min_size) {
    refuse("invalid_value", where, cat("has ", size, " ", unit, ", expected at least ", shape.min_size));
  }
  if (size > shape.max_size) {
    refuse("invalid_value", where, cat("has ", size, " ", unit, ", expected at most ", shape.max_size));
  }
}

void check_string(const Json& value, const Shape& shape, const std::string& where) {
  const auto& text = value.get_ref<const std::string&>();
  if (shape.min_size > 0 || shape.max_size != SIZE_MAX) check_size(characters(text), shape, where, "characters");
  if (shape.choices.empty() || std::ranges::find(shape.choices, text) != shape.choices.end()) return;
  refuse("invalid_value", where, cat("is \"", printable(text), "\", expected one of: ", joined(shape.choices)));
}

void check_map(const Json& value, const Shape& shape, const std::string& where) {
  check_size(value.size(), shape, where, "entries");
  for (const auto& [key, entry] : value.items()) {
    const bool is_id = !key.empty() && key.find_first_not_of("0123456789") == std::string::npos;
    if (shape.keys_are_ids && !is_id) {
      refuse("invalid_value", where, cat("has the key \"", printable(key, 40), "\", expected token ids in digits"));
    }
    check_shape(entry, shape.items[0], below(where, key));
  }
}

void check_object(const Json& value, const Shape& shape, const std::string& where) {
  for (const auto& [key, entry] : value.items()) {
    const auto field = std::ranges::find(shape.fields, key, &Field::name);
    if (field == shape.fields.end()) {
      std::vector<std::string> known;
      for (const Field& each : shape.fields) {
        if (each.shape.kind != Shape::Kind::refused) known.push_back(each.name);
      }
      const std::string place = below(where, key);
      throw HttpError(
          400, "unknown_parameter",
          cat("unknown parameter: ", place, "; known ", where.empty() ? "are: " : "here are: ", joined(known)), place);
    }
    if (entry.is_null() && !field->is_required) continue;
    check_shape(entry, field->shape, below(where, key));
  }
  for (const Field& field : shape.fields) {
    if (!field.is_required || value.contains(field.name)) continue;
    const std::string place = below(where, field.name);
    throw HttpError(400, "missing_required_parameter", cat("missing required parameter: ", place), place);
  }
}

/// Objects among the options differ by the value of one field; an option that does not require the field is meant where
/// it is left out.
const Shape& option_for(const Json& value, const Shape& shape, const std::string& where) {
  std::vector<std::string> known;
  for (const Shape& option : shape.options) {
    if (!has_kind(value, option)) continue;
    if (option.kind != Shape::Kind::object || shape.tag.empty()) return option;
    const auto field = std::ranges::find(option.fields, shape.tag, &Field::name);
    const auto found = value.find(shape.tag);
    if (found == value.end() || found->is_null()) {
      if (!field->is_required) return option;
    } else if (found->is_string()) {
      const auto& choices = field->shape.choices;
      if (std::ranges::find(choices, found->get_ref<const std::string&>()) != choices.end()) return option;
    }
    known.insert(known.end(), field->shape.choices.begin(), field->shape.choices.end());
  }
  const std::string place = below(where, shape.tag);
  if (!value.contains(shape.tag)) {
    throw HttpError(400, "missing_required_parameter", cat("missing required parameter: ", place), place);
  }
  const Json& found = value.at(shape.tag);
  refuse(found.is_string() ? "invalid_value" : "invalid_type", place,
         cat("is ", printable(dump_json(found), 60), ", expected one of: ", joined(known)));
}

}  // namespace

void check_shape(const Json& value, const Shape& shape, const std::string& where) {
  if (shape.kind == Shape::Kind::refused && !value.is_null()) {
    throw HttpError(400, "unsupported_parameter", cat(where, " is not supported: ", shape.text), where);
  }
  expect_kind(value, shape, where);
  switch (shape.kind) {
    case Shape::Kind::boolean:
      if (shape.only && value.get<bool>() != *shape.only) {
        throw HttpError(400, "unsupported_parameter",
                        cat(where, " can only be ", *shape.only ? "true" : "false", ": ", shape.text), where);
      }
      return;
    case Shape::Kind::integer:
    case Shape::Kind::number:
      return check_number(value, shape, where);
    case Shape::Kind::string:
      return check_string(value, shape, where);
    case Shape::Kind::list:
      check_size(value.size(), shape, where, "entries");
      for (size_t i = 0; i < value.size(); ++i) check_shape(value[i], shape.items[0], cat(where, "[", i, "]"));
      return;
    case Shape::Kind::map:
      return check_map(value, shape, where);
    case Shape::Kind::object:
      return check_object(value, shape, where);
    case Shape::Kind::either:
      return check_shape(value, option_for(value, shape, where), where);
    case Shape::Kind::any:
    case Shape::Kind::refused:
      return;
  }
}

namespace shapes {

Shape boolean(std::string text) { return {.kind = Shape::Kind::boolean, .text = std::move(text)}; }

Shape integer(std::string text, double low, double high) {
  return {.kind = Shape::Kind::integer, .text = std::move(text), .low = low, .high = high};
}

Shape number(std::string text, double low, double high) {
  return {.kind = Shape::Kind::number, .text = std::move(text), .low = low, .high = high};
}

Shape string(std::string text, size_t max_size) {
  return {.kind = Shape::Kind::string, .text = std::move(text), .max_size = max_size};
}

Shape choice(std::vector<std::string> choices, std::string text) {
  return {.kind = Shape::Kind::string, .text = std::move(text), .choices = std::move(choices)};
}

Shape list(Shape item, std::string text, size_t min_size, size_t max_size) {
  return {.kind = Shape::Kind::list,
          .text = std::move(text),
          .min_size = min_size,
          .max_size = max_size,
          .items = {std::move(item)}};
}

Shape object(std::string name, std::vector<Field> fields, std::string text) {
  return {.kind = Shape::Kind::object, .text = std::move(text), .fields = std::move(fields), .name = std::move(name)};
}

Shape either(std::vector<Shape> options, std::string text, std::string tag) {
  return {.kind = Shape::Kind::either, .text = std::move(text), .options = std::move(options), .tag = std::move(tag)};
}

Shape refused(std::string why) { return {.kind = Shape::Kind::refused, .text = std::move(why)}; }

Shape nullable(Shape shape) {
  shape.may_be_null = true;
  return shape;
}

}  // namespace shapes
}  // namespace r1v

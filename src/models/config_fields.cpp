// Checked access to configuration keys.
#include "models/config_fields.h"

#include "base/error.h"

namespace r1v {
namespace {

template <typename Number>
Number in_range(Number value, Range<Number> range, const std::string& key, const std::string& where) {
  if (value >= range.low && value <= range.high) return value;  // also refuses NaN
  throw InputError(cat(where, ": key \"", key, "\" is ", value, ", expected ", range.low, " to ", range.high));
}

}  // namespace

ConfigFields::ConfigFields(const Json& object, std::string where) : object_(&object), where_(std::move(where)) {
  if (!object.is_object()) throw InputError(cat(where_, ": found ", object.type_name(), ", expected an object"));
}

bool ConfigFields::has(const std::string& key) const {
  const auto it = object_->find(key);
  return it != object_->end() && !it->is_null();
}

int64_t ConfigFields::integer(const std::string& key, Range<int64_t> range) const {
  return in_range(json_int(*object_, key, where_), range, key, where_);
}

int64_t ConfigFields::integer_or(const std::string& key, int64_t fallback, Range<int64_t> range) const {
  return has(key) ? integer(key, range) : fallback;
}

double ConfigFields::number(const std::string& key, Range<double> range) const {
  return in_range(json_number(*object_, key, where_), range, key, where_);
}

double ConfigFields::number_or(const std::string& key, double fallback, Range<double> range) const {
  return has(key) ? number(key, range) : fallback;
}

bool ConfigFields::boolean_or(const std::string& key, bool fallback) const {
  return json_bool_or(*object_, key, fallback, where_);
}

std::string ConfigFields::text_or(const std::string& key, const std::string& fallback) const {
  return json_string_or(*object_, key, fallback, where_);
}

ConfigFields ConfigFields::object(const std::string& key) const {
  return {json_at(*object_, key, where_), where_ + ": " + key};
}

void ConfigFields::require_text(const std::string& key, const std::string& expected) const {
  const std::string found = text_or(key, expected);
  if (found == expected) return;
  throw InputError(
      cat(where_, ": key \"", key, "\" is \"", printable(found), "\"; this program knows only \"", expected, "\""));
}

}  // namespace r1v

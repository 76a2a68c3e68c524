// Typed field access with messages that name the place.
#include "base/json.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json_limits.h"

namespace r1v {
namespace {

template <typename T>
T typed(const Json& value, bool fits, const char* expected, const std::string& key, const std::string& where) {
  if (!fits) throw InputError(cat(where, ": \"", key, "\" is ", value.type_name(), ", expected ", expected));
  return value.get<T>();
}

bool fits_int(const Json& value) {
  if (value.is_number_unsigned()) return value.get<uint64_t>() <= static_cast<uint64_t>(INT64_MAX);
  return value.is_number_integer();
}

const Json* find(const Json& object, const std::string& key) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(key);
  return it == object.end() || it->is_null() ? nullptr : &*it;
}

}  // namespace

Json parse_json(std::string_view text, const std::string& where) { return parse_json_within({}, text, where); }

Json read_json_file(const std::filesystem::path& path) { return parse_json(read_file(path), path.string()); }

const Json& json_at(const Json& object, const std::string& key, const std::string& where) {
  if (!object.is_object()) throw InputError(cat(where, ": found ", object.type_name(), ", expected an object"));
  const auto it = object.find(key);
  if (it == object.end()) throw InputError(cat(where, ": key \"", key, "\" is missing"));
  return *it;
}

std::string json_string(const Json& object, const std::string& key, const std::string& where) {
  const Json& value = json_at(object, key, where);
  return typed<std::string>(value, value.is_string(), "a string", key, where);
}

int64_t json_int(const Json& object, const std::string& key, const std::string& where) {
  const Json& value = json_at(object, key, where);
  return typed<int64_t>(value, fits_int(value), "an integer", key, where);
}

double json_number(const Json& object, const std::string& key, const std::string& where) {
  const Json& value = json_at(object, key, where);
  return typed<double>(value, value.is_number(), "a number", key, where);
}

bool json_bool(const Json& object, const std::string& key, const std::string& where) {
  const Json& value = json_at(object, key, where);
  return typed<bool>(value, value.is_boolean(), "true or false", key, where);
}

std::string json_string_or(const Json& object, const std::string& key, std::string fallback, const std::string& where) {
  return find(object, key) == nullptr ? std::move(fallback) : json_string(object, key, where);
}

int64_t json_int_or(const Json& object, const std::string& key, int64_t fallback, const std::string& where) {
  return find(object, key) == nullptr ? fallback : json_int(object, key, where);
}

double json_number_or(const Json& object, const std::string& key, double fallback, const std::string& where) {
  return find(object, key) == nullptr ? fallback : json_number(object, key, where);
}

bool json_bool_or(const Json& object, const std::string& key, bool fallback, const std::string& where) {
  return find(object, key) == nullptr ? fallback : json_bool(object, key, where);
}

std::string dump_json(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string dump_json_pretty(const Json& value) { return value.dump(2, ' ', false, Json::error_handler_t::replace); }

}  // namespace r1v

// A slow validator of JSON schemas, straight from the specification: the judge of what constrained decoding writes.
#pragma once

#include <arpa/inet.h>

#include <cmath>
#include <string>

#include "base/json.h"
#include "constrain/regex_testing.h"
#include "text/unicode.h"

namespace r1v {

/// Keywords that grammar_of_schema supports; itself checked against another implementation in schema_judge_test.cpp.
class SchemaJudge {
 public:
  explicit SchemaJudge(Json schema) : root_(std::move(schema)) {}
  bool is_valid(const Json& value) const { return holds(root_, value); }

 private:
  static std::wstring wide(const std::string& text) {
    std::wstring out;
    for (const char* at = text.data(); at < text.data() + text.size();) {
      const Utf8Step step = utf8_step(at, text.data() + text.size());
      out += static_cast<wchar_t>(step.code);
      at += step.length;
    }
    return out;
  }
  static bool finds(const std::string& pattern, const std::string& text) {
    return std::regex_search(wide(text), std::wregex(wide(pattern), std::regex::ECMAScript));
  }
  static bool is_all(const std::string& pattern, const std::string& text) {
    return std::regex_match(text, std::regex(pattern));
  }

  const Json& resolved(const std::string& reference) const {
    std::string pointer;
    for (size_t i = 1; i < reference.size(); ++i) {
      if (reference[i] != '%') {
        pointer += reference[i];
        continue;
      }
      pointer += static_cast<char>(std::stoi(reference.substr(i + 1, 2), nullptr, 16));
      i += 2;
    }
    return root_.at(Json::json_pointer(pointer));
  }

  static bool is_type(const std::string& type, const Json& value) {
    if (type == "integer") return value.is_number() && std::floor(value.get<double>()) == value.get<double>();
    return type == (value.is_number() ? "number" : value.type_name());
  }

  static bool is_date(const std::string& text) {
    if (!is_all("\\d{4}-\\d{2}-\\d{2}", text)) return false;
    const int year = std::stoi(text.substr(0, 4)), month = std::stoi(text.substr(5, 2)),
              day = std::stoi(text.substr(8));
    const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    const int days[] = {31, is_leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
  }

  static bool is_time(const std::string& text) {
    if (!is_all("\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?(Z|z|[+-]\\d{2}:\\d{2})", text)) return false;
    const size_t zone = text.find_first_of("+-");
    const auto number = [&](size_t at) { return std::stoi(text.substr(at, 2)); };
    const bool is_zone = zone == std::string::npos || (number(zone + 1) <= 23 && number(zone + 4) <= 59);
    return is_zone && number(0) <= 23 && number(3) <= 59 && number(6) <= 59;
  }

  static bool is_host(const std::string& text) {
    return text.size() <= 253 && is_all(
                                     "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}"
                                     "[A-Za-z0-9])?)*",
                                     text);
  }

  static bool has_format(const std::string& format, const std::string& text) {
    char buffer[16];
    const size_t at = text.find('@');
    if (format == "date") return is_date(text);
    if (format == "time") return is_time(text);
    if (format == "date-time") {
      return text.size() > 11 && (text[10] == 'T' || text[10] == 't') && is_date(text.substr(0, 10)) &&
             is_time(text.substr(11));
    }
    if (format == "ipv4") return inet_pton(AF_INET, text.c_str(), buffer) == 1;
    if (format == "ipv6") return inet_pton(AF_INET6, text.c_str(), buffer) == 1;
    if (format == "hostname") return is_host(text);
    if (format == "email") return at != std::string::npos && at > 0 && at <= 64 && is_host(text.substr(at + 1));
    if (format == "uuid") return is_all("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", text);
    if (format == "uri")
      return is_all("[A-Za-z][A-Za-z0-9+.-]*:([A-Za-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*", text);
    if (format == "duration") {
      return is_all("P(?=.)(\\d+W|(\\d+Y)?(\\d+M)?(\\d+D)?(T(?=.)(\\d+H)?(\\d+M)?(\\d+S)?)?)", text);
    }
    throw std::runtime_error("no judge for format " + format);
  }

  static bool is_same(const Json& one, const Json& other) {
    if (one.is_number() && other.is_number()) return one.get<double>() == other.get<double>();
    if (one.type() != other.type() || one.size() != other.size()) return false;
    if (one.is_object()) {
      for (const auto& [key, value] : one.items()) {
        if (!other.contains(key) || !is_same(value, other[key])) return false;
      }
      return true;
    }
    if (!one.is_array()) return one == other;
    for (size_t i = 0; i < one.size(); ++i) {
      if (!is_same(one[i], other[i])) return false;
    }
    return true;
  }

  bool holds(const Json& schema, const Json& value) const {
    if (schema.is_boolean()) return schema.get<bool>();
    for (const auto& [keyword, rule] : schema.items()) {
      if (!general_holds(keyword, rule, value)) return false;
      if (value.is_number() && !number_holds(keyword, rule, value)) return false;
      if (value.is_string() && !string_holds(keyword, rule, value.get<std::string>())) return false;
      if (value.is_array() && !array_holds(schema, keyword, rule, value)) return false;
      if (value.is_object() && !object_holds(schema, keyword, rule, value)) return false;
    }
    return true;
  }

  bool general_holds(const std::string& keyword, const Json& rule, const Json& value) const {
    size_t held = 0;
    if (keyword == "anyOf" || keyword == "oneOf" || keyword == "allOf") {
      for (const Json& part : rule) held += holds(part, value) ? 1 : 0;
    }
    if (keyword == "anyOf") return held > 0;
    if (keyword == "oneOf") return held == 1;
    if (keyword == "allOf") return held == rule.size();
    if (keyword == "$ref") return holds(resolved(rule.get<std::string>()), value);
    if (keyword == "const") return is_same(rule, value);
    const auto is_equal = [&](const Json& item) { return is_same(item, value); };
    if (keyword == "enum") return std::any_of(rule.begin(), rule.end(), is_equal);
    if (keyword != "type") return true;
    if (rule.is_string()) return is_type(rule.get<std::string>(), value);
    return std::any_of(rule.begin(), rule.end(),
                       [&](const Json& type) { return is_type(type.get<std::string>(), value); });
  }

  static bool number_holds(const std::string& keyword, const Json& rule, const Json& value) {
    if (!rule.is_number()) return true;
    const double number = value.get<double>(), bound = rule.get<double>();
    if (keyword == "minimum") return number >= bound;
    if (keyword == "maximum") return number <= bound;
    if (keyword == "exclusiveMinimum") return number > bound;
    if (keyword == "exclusiveMaximum") return number < bound;
    if (keyword != "multipleOf") return true;
    return value.is_number_integer() ? value.get<int64_t>() % rule.get<int64_t>() == 0 : std::fmod(number, bound) == 0;
  }

  static bool string_holds(const std::string& keyword, const Json& rule, const std::string& value) {
    if (keyword == "minLength") return wide(value).size() >= rule.get<size_t>();
    if (keyword == "maxLength") return wide(value).size() <= rule.get<size_t>();
    if (keyword == "pattern") return finds(rule.get<std::string>(), value);
    return keyword != "format" || has_format(rule.get<std::string>(), value);
  }

  bool array_holds(const Json& schema, const std::string& keyword, const Json& rule, const Json& value) const {
    if (keyword == "minItems") return value.size() >= rule.get<size_t>();
    if (keyword == "maxItems") return value.size() <= rule.get<size_t>();
    const size_t prefix = schema.contains("prefixItems") ? schema["prefixItems"].size() : 0;
    for (size_t i = 0; i < value.size(); ++i) {
      if (keyword == "prefixItems" && i < prefix && !holds(rule[i], value[i])) return false;
      if (keyword == "items" && i >= prefix && !holds(rule, value[i])) return false;
    }
    return true;
  }

  bool object_holds(const Json& schema, const std::string& keyword, const Json& rule, const Json& value) const {
    if (keyword == "required") {
      return std::all_of(rule.begin(), rule.end(),
                         [&](const Json& name) { return value.contains(name.get<std::string>()); });
    }
    for (const auto& [key, member] : value.items()) {
      const bool is_named = schema.contains("properties") && schema["properties"].contains(key);
      if (keyword == "properties" && is_named && !holds(rule[key], member)) return false;
      bool is_matched = false;
      const Json patterns = schema.value("patternProperties", Json::object());
      for (const auto& [pattern, part] : patterns.items()) {
        if (!finds(pattern, key)) continue;
        is_matched = true;
        if (keyword == "patternProperties" && !holds(part, member)) return false;
      }
      if (keyword == "additionalProperties" && !is_named && !is_matched && !holds(rule, member)) return false;
    }
    return true;
  }

  Json root_;
};

}  // namespace r1v

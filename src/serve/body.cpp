// The parser's own words stay here.
#include "serve/body.h"

#include <algorithm>

#include "base/json_limits.h"
#include "http/error.h"

namespace r1v {
namespace {

[[noreturn]] void refuse_json(const std::string& message) { throw HttpError(400, "invalid_json", message); }

bool is_json_type(const HttpRequest& request) {
  const auto header = request.headers.find("content-type");
  if (header == request.headers.end()) return false;
  std::string type = header->second.substr(0, header->second.find(';'));
  type.erase(type.find_last_not_of(" \t") + 1);
  std::ranges::transform(type, type.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return type == "application/json";
}

Json parsed(const std::string& text, const ServeLimits& limits) {
  const JsonLimits json_limits = {
      .max_depth = limits.max_json_depth, .max_keys = limits.max_json_keys, .refuses_repeated_keys = true};
  try {
    return parse_json_within(json_limits, text, "the request's body");
  } catch (const JsonSyntaxError& error) {
    // Only the place is ours to repeat: "... at line 1, column 5: ..."
    const std::string message = error.what();
    const size_t begin = message.find(" at line ");
    const size_t end = begin == std::string::npos ? begin : message.find(':', begin);
    const std::string place = end == std::string::npos ? "" : message.substr(begin, end - begin);
    refuse_json(cat("the request's body is not valid JSON in UTF-8", place));
  } catch (const InputError& error) {
    refuse_json(error.what());
  }
}

}  // namespace

Json read_body(const HttpRequest& request, const Shape& shape, const ServeLimits& limits, bool may_be_empty) {
  if (may_be_empty && request.body.empty()) return Json::object();
  if (!is_json_type(request)) {
    throw HttpError(415, "unsupported_media_type",
                    "send the body as JSON, with the header Content-Type: application/json");
  }
  Json body = parsed(request.body, limits);
  check_shape(body, shape);
  return body;
}

const Json* field_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string text_of(const Json& object, const char* name, std::string fallback) {
  const Json* field = field_of(object, name);
  return field == nullptr ? std::move(fallback) : field->get<std::string>();
}

int64_t integer_of(const Json& value) {
  return value.is_number_integer() ? value.get<int64_t>() : static_cast<int64_t>(value.get<double>());
}

int64_t integer_of(const Json& object, const char* name, int64_t fallback) {
  const Json* field = field_of(object, name);
  return field == nullptr ? fallback : integer_of(*field);
}

double number_of(const Json& object, const char* name, double fallback) {
  const Json* field = field_of(object, name);
  return field == nullptr ? fallback : field->get<double>();
}

bool bool_of(const Json& object, const char* name, bool fallback) {
  const Json* field = field_of(object, name);
  return field == nullptr ? fallback : field->get<bool>();
}

void refuse_value(const std::string& param, const std::string& message) {
  throw HttpError(400, "invalid_value", cat(param, " ", message), param);
}

}  // namespace r1v

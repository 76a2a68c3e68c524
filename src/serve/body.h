// A request's body as JSON of the right shape, and its fields without null.
#pragma once

#include <string>

#include "http/exchange.h"
#include "serve/routes.h"
#include "serve/shape.h"

namespace r1v {

/// throws HttpError: 415 for another content type (a web page of elsewhere cannot send this one without being asked),
/// 400 for what is not JSON, too deep, has too many keys or one twice, or is not of the shape. An empty body is {}
/// where `may_be_empty`.
Json read_body(const HttpRequest& request, const Shape& shape, const ServeLimits& limits, bool may_be_empty = false);

/// The field, or null where it is left out or null.
const Json* field_of(const Json& object, const char* name);
// Of bodies that have their shape. Integers may be written as 10.0.
std::string text_of(const Json& object, const char* name, std::string fallback = "");
int64_t integer_of(const Json& object, const char* name, int64_t fallback);
double number_of(const Json& object, const char* name, double fallback);
bool bool_of(const Json& object, const char* name, bool fallback);
int64_t integer_of(const Json& value);

/// 400 of a field whose shape is right and whose value is not.
[[noreturn]] void refuse_value(const std::string& param, const std::string& message);

}  // namespace r1v

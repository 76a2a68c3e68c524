// JSON from strangers: how deep it may be nested, and what keys its objects may have.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

namespace r1v {

struct JsonLimits {
  int64_t max_depth = 128;
  /// Of one object. Keys are searched from front to back, so that an object costs their number squared.
  size_t max_keys = SIZE_MAX;
  bool refuses_repeated_keys = false;  // else the last value stays
};

/// What is no JSON, or no UTF-8, at all; the message holds the parser's words.
class JsonSyntaxError : public InputError {
 public:
  using InputError::InputError;
};

/// Parses one document; nothing beyond a limit is built. throws JsonSyntaxError; InputError beyond a limit.
Json parse_json_within(const JsonLimits& limits, std::string_view text, const std::string& where);

}  // namespace r1v

// Why a request is refused: a status and what stands in the body of the refusal.
#pragma once

#include <string>

#include "base/error.h"

namespace r1v {

/// Thrown by a handler (or met by the server itself); the client reads it as
/// {"error": {"message", "type", "param", "code"}} with this status.
class HttpError : public InputError {
 public:
  HttpError(int http_status, std::string error_code, const std::string& message, std::string parameter = "")
      : InputError(message), status(http_status), code(std::move(error_code)), param(std::move(parameter)) {}

  int status;             // 4xx, or 503
  std::string code;       // "unknown_parameter", "invalid_value", "rate_limit_exceeded", ...
  std::string param;      // which field of the request, "" = none
  int retry_after_s = 0;  // > 0: sent as Retry-After
};

}  // namespace r1v

// The one table from our exceptions to statuses.
#include "serve/refusal.h"

#include <algorithm>
#include <cmath>

#include "base/log.h"
#include "engine/service.h"
#include "engine/too_long.h"

namespace r1v {

HttpError shutting_down() {
  HttpError refusal(503, "shutting_down", "the server is ending; ask again in a while");
  refusal.retry_after_s = 5;
  return refusal;
}

HttpError http_error_of(const std::exception& error) {
  if (const auto* refusal = dynamic_cast<const HttpError*>(&error)) return *refusal;
  if (const auto* overloaded = dynamic_cast<const OverloadedError*>(&error)) {
    HttpError refusal(429, "overloaded", overloaded->what());
    refusal.retry_after_s = std::max(1, static_cast<int>(std::ceil(overloaded->retry_after_s)));
    return refusal;
  }
  if (dynamic_cast<const ClosingError*>(&error) != nullptr) return shutting_down();
  if (dynamic_cast<const TooLongError*>(&error) != nullptr) return {400, kTooLong, error.what()};
  return http_error_of(error.what(), dynamic_cast<const InputError*>(&error) != nullptr);
}

HttpError http_error_of(const std::string& message, bool is_their_fault) {
  if (is_their_fault) return {400, "invalid_value", message};
  log_warning(cat("a question failed: ", printable(message, 300)));
  return {500, "internal_error", "the server failed to answer; its log tells more"};
}

}  // namespace r1v

// What goes wrong, as the error that the client reads.
#pragma once

#include <exception>
#include <string>

#include "http/error.h"

namespace r1v {

/// OpenAI's code of a prompt that fills the context.
inline constexpr const char* kTooLong = "context_length_exceeded";

/// HttpError as it is; OverloadedError 429, ClosingError 503, TooLongError kTooLong, other InputErrors 400; anything
/// else is logged and becomes a 500 without details.
HttpError http_error_of(const std::exception& error);
/// What a service says of a question that failed.
HttpError http_error_of(const std::string& message, bool is_their_fault);
HttpError shutting_down();

}  // namespace r1v

// The bodies that every route takes, and what it answers, as tables.
#pragma once

#include "serve/routes.h"
#include "serve/shape.h"

namespace r1v {

Shape chat_shape(const ServeLimits& limits);
Shape completions_shape(const ServeLimits& limits);
Shape responses_shape(const ServeLimits& limits);
Shape score_shape(const ServeLimits& limits);
Shape tokenize_shape(const ServeLimits& limits);
Shape detokenize_shape(const ServeLimits& limits);
/// Nothing, or {}.
Shape empty_shape();

// Parts that several of them share.

/// messages of a chat.
Shape messages_shape(const ServeLimits& limits);
/// How an answer is drawn, and the extensions; the names of the limits on its length differ and are not among them.
std::vector<Field> sampling_fields(const ServeLimits& limits);
/// response_format of chat and completions, and text.format of responses, which wraps less.
Shape response_format_shape();
Shape responses_format_shape();
/// user, metadata, store, service_tier: taken because they change nothing by definition.
std::vector<Field> bystander_fields();

}  // namespace r1v

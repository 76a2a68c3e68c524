// How an answer is drawn, as a request says it.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "engine/service.h"
#include "serve/routes.h"

namespace r1v {

/// The fields of sampling_fields(), over what the checkpoint wishes.
/// seed  where the request names none. throws HttpError 400: a token id that the model does not have, ...
SamplingParams read_sampling(const Json& request, const ServedModelFacts& facts, uint64_t seed);

/// asked  under the name `param`; none: as the server is set, else what the context leaves.
/// throws HttpError 400: more than the context.
void set_length(SamplingParams& params, std::optional<int64_t> asked, const std::string& param,
                const ServedModelFacts& facts, const ServeLimits& limits);

}  // namespace r1v

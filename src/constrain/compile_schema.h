// From a schema to the network of what may be written.
#pragma once

#include "base/json.h"
#include "constrain/budget.h"
#include "constrain/network.h"

namespace r1v {

/// So many containers inside each other a document may have.
inline constexpr int32_t kDeepestDocument = 64;

enum class Spacing : uint8_t {
  free,  // where JSON allows it: a space, or a new line with indentation
  none
};

/// throws InputError as grammar_of_schema does; also when no document satisfies the schema.
Network compile_schema(const Json& schema, const GrammarLimits& limits, Spacing spacing = Spacing::free);
/// Any JSON object.
Network compile_any_object();

}  // namespace r1v

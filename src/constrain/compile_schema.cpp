// Reads, compiles, prunes.
#include "constrain/compile_schema.h"

#include "base/error.h"
#include "constrain/value_compiler.h"

namespace r1v {

Network compile_schema(const Json& schema, const GrammarLimits& limits, Spacing spacing) {
  Budget budget(limits);
  SchemaRules rules(read_schema(schema, limits, budget), budget);
  Network network = ValueCompiler(rules, budget, spacing).run({0});
  network.prune(kDeepestDocument);
  if (network.heights[static_cast<size_t>(network.containers[0].start)] == Network::kNever) {
    throw InputError(
        cat("JSON schema at #: no JSON value (nested at most ", kDeepestDocument,
            " deep) satisfies it; look for required properties that are forbidden or that need themselves, ",
            "and for bounds that leave nothing"));
  }
  return network;
}

Network compile_any_object() { return compile_schema(Json{{"type", "object"}}, {}); }

}  // namespace r1v

// Names to options.
#include "apps/engine_flags.h"

#include "base/error.h"
#include "kernels/paged_kv.h"

namespace r1v {
namespace {

std::optional<KvFormat> parse_kv(const std::string& name) {
  if (name == "auto") return std::nullopt;
  for (const KvFormat format : {KvFormat::float32, KvFormat::bfloat16, KvFormat::int8}) {
    if (name == format_name(format)) return format;
  }
  throw InputError(cat("--kv \"", printable(name), "\" is not known; expected auto, float32, bfloat16 or int8"));
}

}  // namespace

EngineOptions engine_options(const EngineFlags& flags) {
  EngineOptions options;
  options.kv_format = parse_kv(flags.kv);
  if (flags.kv_memory < 0) throw InputError(cat("--kv-memory is ", flags.kv_memory, ", expected 1 MiB or more, or 0"));
  options.kv_memory_bytes = flags.kv_memory << 20;
  if (flags.max_batch < 1 || flags.max_batch > 4096) {
    throw InputError(cat("--max-batch is ", flags.max_batch, ", expected 1 to 4096"));
  }
  options.max_batch = flags.max_batch;
  options.pass_tokens = std::max(options.pass_tokens, flags.max_batch);
  if (flags.draft_tokens < 0 || flags.draft_tokens > 64) {
    throw InputError(cat("--draft-tokens is ", flags.draft_tokens, ", expected 0 to 64"));
  }
  if (flags.draft_tokens == 0 && !flags.draft_model.empty()) {
    throw InputError("--draft-model guesses --draft-tokens tokens ahead: give 1 to 64 of them");
  }
  options.draft_tokens = flags.draft_tokens;
  return options;
}

}  // namespace r1v

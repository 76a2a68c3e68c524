// Seeds and salts.
#include "serve/context.h"

#include "base/clock.h"
#include "base/rng.h"

namespace r1v {

ServeContext::ServeContext(const ServedModels& served, const ServeOptions& serve_options,
                           std::function<HttpCounts()> http_counts)
    : models(served),
      options(serve_options),
      counts(std::move(http_counts)),
      first_seed_(mix_seed(0x7231'76, static_cast<uint64_t>(unix_time_s() * 1e6))) {}

uint64_t ServeContext::next_seed() { return mix_seed(first_seed_, num_seeds_++); }

uint64_t ServeContext::cache_salt(const std::string& key_name) const {
  if (!options.salts_by_key) return 0;
  return mix_seed(first_seed_, key_name) | 1;  // never 0, which is everybody's
}

}  // namespace r1v

// Rows of the table, and the pass that proves a result.
#include "recipes/quantize_report.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "base/error.h"

namespace r1v {
namespace {

constexpr int64_t kProofTokens = 16;

}  // namespace

QuantizedKind& QuantizeReport::row(const std::string& kind) {
  const auto known = std::ranges::find(kinds, kind, &QuantizedKind::kind);
  return known != kinds.end() ? *known : kinds.emplace_back(QuantizedKind{.kind = kind});
}

void QuantizeReport::sort() {
  std::ranges::stable_sort(kinds, {}, [](const QuantizedKind& row) { return row.kind == kKept; });
}

void run_once(R1vModel& model, const std::string& where) {
  const at::NoGradGuard no_gradients;
  const int64_t count = std::min(kProofTokens, model.config().language.vocab_size);
  const at::Tensor ids_T = at::arange(count);
  const at::Tensor embeds_TD = model.embed(ids_T, {}, /*image_token_id=*/-1);
  const at::Tensor logits_TV = model.logits(model.hidden(embeds_TD, model.packed(ids_T, {count}, {})));
  if (at::isfinite(logits_TV).all().item<bool>()) return;
  throw InputError(cat(where, ": the quantised network computes NaN or infinity; does the model itself? ",
                       "`r1v inspect --check` looks for broken weights"));
}

}  // namespace r1v

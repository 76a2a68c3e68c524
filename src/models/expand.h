// A deeper language model that computes the same: new layers that add nothing until they learn.
#pragma once

#include <cstdint>
#include <memory>

#include "models/r1v.h"

namespace r1v {

/// `count` layers behind the last one, copies of it whose two projections into the residual stream are zero. Weights of
/// the old layers are shared with `model`. source: block expansion, Wu et al., 2024 (arXiv 2401.02415).
std::unique_ptr<R1vModel> with_more_layers(R1vModel& model, int64_t count);

}  // namespace r1v

// Numbers of the YaRN context extension, as config.json gives them.
#pragma once

#include <cstdint>
#include <optional>

namespace r1v {

/// rope_scaling of type "yarn" (Peng et al., 2023, arXiv 2309.00071); names and defaults of transformers.
struct YarnConfig {
  double factor = 1.0;
  int64_t original_max_position = 32768;
  double beta_fast = 32.0;
  double beta_slow = 1.0;
  std::optional<double> attention_factor;
  std::optional<double> mscale;
  std::optional<double> mscale_all_dim;
  bool truncate = true;
};

}  // namespace r1v

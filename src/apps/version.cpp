// Lines for --version.
#include "apps/version.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/version.h>

#include "base/error.h"
#include "tensor/dtype.h"

namespace r1v {

std::string version_text() {
  return cat("r1v ", R1V_VERSION, " (commit ", R1V_COMMIT, ")\nLibTorch ", TORCH_VERSION, ", device cpu, ",
             at::get_num_threads(), " threads\ninstruction set ", at::get_cpu_capability(),
             ", dtype auto = ", dtype_name(compute_dtype("auto")), "\n");
}

}  // namespace r1v

// Lines for --version.
#include "apps/version.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/version.h>

#include "base/error.h"
#include "kernels/packed_product.h"
#include "tensor/dtype.h"

namespace r1v {

std::string version_text() {
  std::string kernels;
  for (const WeightFormat format :
       {WeightFormat::float32, WeightFormat::bfloat16, WeightFormat::int8, WeightFormat::int4}) {
    kernels += cat(kernels.empty() ? "" : "; ", format_name(format), " weights: ", product_kernel_name(format));
  }
  return cat("r1v ", R1V_VERSION, " (commit ", R1V_COMMIT, ")\nLibTorch ", TORCH_VERSION, ", device cpu, ",
             at::get_num_threads(), " threads\ninstruction set ", at::get_cpu_capability(),
             ", dtype auto = ", dtype_name(compute_dtype("auto")), "\nkernels: ", kernels, "\n");
}

}  // namespace r1v

// `r1v train sft`: one stage of supervised training.
#include "recipes/sft.h"

#include <ATen/Parallel.h>

#include "base/file.h"
#include "base/options.h"
#include "recipes/supervised_run.h"

namespace r1v {

int train_sft(const SftOptions& options, const std::atomic<bool>& stop) {
  check_train_options(options, "train sft");
  start_run_folder(options);
  write_file_atomic(options.out / "options.toml", options_toml(options));
  if (options.threads > 0) at::set_num_threads(static_cast<int>(options.threads));
  return SupervisedRun(options, stop).train(0, {.options = options}) ? 0 : 130;
}

}  // namespace r1v

// What is saved with a model, and where runs are resumed, is the same for every method.
#include "recipes/training_run.h"

#include "base/error.h"
#include "base/log.h"
#include "models/init.h"
#include "models/registry.h"
#include "tensor/dtype.h"
#include "train/state.h"

namespace r1v {

std::unique_ptr<R1vModel> open_network(const TrainOptions& options) {
  if (!options.initialize) return load_model(options.model);
  return new_model(read_model_config(options.model), static_cast<uint64_t>(*options.initialize));
}

LoaderOptions measuring_loader_of(const TrainOptions& options) {
  LoaderOptions loader = loader_of(options);
  loader.order = Order::as_written;
  loader.packing = Packing::off;
  return loader;
}

std::unique_ptr<Learner> make_learner(const std::vector<TrainedParameter>& parameters, const TrainOptions& options) {
  return std::make_unique<Learner>(parameters, groups_of(parameters, options), adamw_of(options),
                                   options.weight_average);
}

std::string save_checkpoint(Learner& learner, R1vModel& model, const TrainOptions& options, int64_t step,
                            const Json& position, const WriteMore& more) {
  const at::ScalarType dtype =
      parse_dtype(options.save_dtype == "auto" ? model.config().torch_dtype : options.save_dtype);
  learner.save(options.out, step, position, [&](const std::filesystem::path& folder) {
    save_model(model, folder, options.model, dtype);
    if (more) more(folder);
  });
  prune_checkpoints(options.out, options.keep_checkpoints);
  return cat("saved ", (options.out / "checkpoints" / cat("step-", step)).string());
}

std::optional<std::filesystem::path> checkpoint_to_resume(const std::filesystem::path& out) {
  std::optional<std::filesystem::path> folder = latest_checkpoint(out);
  if (!folder) log_info(cat(out.string(), " has no checkpoint yet: starting at step 0"));
  return folder;
}

std::optional<std::string> left_out_pairs(const std::string& option, const LineData& data, int64_t max_length) {
  if (data.num_bad() + data.num_too_long() + data.num_ties() == 0) return std::nullopt;
  return cat("left out of ", option, ": ", data.num_bad(), " bad lines, ", data.num_too_long(),
             " pairs longer than --max-length ", max_length, ", ", data.num_ties(), " pairs of equal answers");
}

}  // namespace r1v

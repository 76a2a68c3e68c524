// What the training loops share around their steps: the network, what learns in it, and checkpoints.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "data/line_data.h"
#include "models/r1v.h"
#include "recipes/train_options.h"
#include "train/learner.h"

namespace r1v {

/// --model; with --initialize random weights of its shape.
std::unique_ptr<R1vModel> open_network(const TrainOptions& options);

/// For measuring: every line once, as written.
LoaderOptions measuring_loader_of(const TrainOptions& options);

/// `parameters` under the options' rates, decay and average.
std::unique_ptr<Learner> make_learner(const std::vector<TrainedParameter>& parameters, const TrainOptions& options);

using WriteMore = std::function<void(const std::filesystem::path& folder)>;
/// Publishes --out/checkpoints/step-<step> and removes surplus ones: the model in --save-dtype, what `more` writes, and
/// the learner's state with `position`. returns the line to be told.
std::string save_checkpoint(Learner& learner, R1vModel& model, const TrainOptions& options, int64_t step,
                            const Json& position, const WriteMore& more = {});
/// The checkpoint in --out to go on from; none: says so.
std::optional<std::filesystem::path> checkpoint_to_resume(const std::filesystem::path& out);

/// Pairs of `data`, named `option`, that are not learnt from, for the log; none: nothing.
std::optional<std::string> left_out_pairs(const std::string& option, const LineData& data, int64_t max_length);

}  // namespace r1v

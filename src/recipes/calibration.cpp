// Samples through the network, one by one, with or without somebody watching its layers.
#include "recipes/calibration.h"

#include <ATen/core/grad_mode.h>

#include <cmath>
#include <functional>
#include <memory>

#include "base/error.h"
#include "data/pack.h"
#include "data/read_sft.h"
#include "nn/linear.h"
#include "prompt/render.h"
#include "recipes/quantize_parts.h"
#include "train/loss_sft.h"

namespace r1v {
namespace {

constexpr int64_t kRows = 512;  // kept of every layer

/// One layer's inputs: sums over all tokens, and about kRows of them.
class Recorder final : public InputObserver {
 public:
  explicit Recorder(int64_t num_samples) : rows_a_sample_((kRows + num_samples - 1) / num_samples) {}

  void see(const at::Tensor& x_TI) override {
    const at::Tensor x = x_TI.detach().to(at::kFloat);
    const at::Tensor sum = x.abs().sum(0, /*keepdim=*/false, at::kDouble);
    sum_I_ = sum_I_.defined() ? sum_I_ + sum : sum;
    num_tokens_ += x.size(0);
    const int64_t step = std::max<int64_t>(1, x.size(0) / rows_a_sample_);
    rows_.push_back(x.slice(0, step / 2, std::min(x.size(0), step * rows_a_sample_), step).clone());
  }

  LayerInputs inputs() const {
    return {.mean_abs_I = (sum_I_ / static_cast<double>(num_tokens_)).to(at::kFloat), .rows_NI = at::cat(rows_)};
  }

 private:
  int64_t rows_a_sample_;
  int64_t num_tokens_ = 0;
  at::Tensor sum_I_;
  std::vector<at::Tensor> rows_;
};

/// Hands over (hidden states after the final norm, targets) of every sample.
void run_samples(R1vModel& model, const std::filesystem::path& folder, const SampleData& data,
                 const std::function<void(const at::Tensor& hidden_TD, const at::Tensor& targets_T)>& use) {
  const at::NoGradGuard no_gradients;
  const Renderer renderer(folder);
  const SftData samples(renderer,
                        {.files = {data.file},
                         .images_root = data.images_root.empty() ? std::nullopt : std::optional(data.images_root),
                         .max_length = data.max_length,
                         .vocab_size = model.config().language.vocab_size});
  const int64_t count = data.max_samples == 0 ? samples.size() : std::min(data.max_samples, samples.size());
  const at::ScalarType dtype = model.head_weight_VD().scalar_type();
  int64_t used = 0;
  for (int64_t i = 0; i < count; ++i) {
    const auto sample = samples.sample(i * samples.size() / count);
    if (!sample) continue;
    const Sample* const one = &*sample;
    const PackedBatch batch = pack_samples({&one, 1});
    const at::Tensor image_ND =
        batch.pixels.defined() ? model.encode_pictures(batch.pixels.to(dtype), batch.grids) : at::Tensor();
    const at::Tensor embeds_TD = model.embed(batch.input_ids_T, image_ND, renderer.image_token_id());
    use(model.hidden(embeds_TD, model.packed(batch.input_ids_T, batch.lengths, batch.grids)), batch.targets_T);
    ++used;
  }
  if (used == 0) throw InputError(cat(data.file.string(), ": no usable sample; every line was left out"));
}

bool is_watched(const std::string& module) {
  const std::string kind = linear_kind(module + ".weight");
  return kind == "self_attn.q_proj" || kind == "self_attn.o_proj" || kind == "mlp.gate_proj" || kind == "mlp.down_proj";
}

}  // namespace

CalibrationInputs collect_inputs(R1vModel& model, const std::filesystem::path& folder, const SampleData& data) {
  R1V_CHECK(data.max_samples > 0, "calibration takes a number of samples");
  std::map<std::string, std::unique_ptr<Recorder>> recorders;
  const auto watch = [&](bool on) {
    model.walk_modules([&](const std::string& name, Module& module) {
      auto* linear = dynamic_cast<Linear*>(&module);
      if (linear == nullptr || !is_watched(name)) return;
      auto& recorder = recorders[name];
      if (!recorder) recorder = std::make_unique<Recorder>(data.max_samples);
      linear->observer = on ? recorder.get() : nullptr;
    });
  };
  watch(true);
  try {
    run_samples(model, folder, data, [](const at::Tensor&, const at::Tensor&) {});
  } catch (...) {
    watch(false);  // the observers end with this function
    throw;
  }
  watch(false);
  CalibrationInputs inputs;
  for (const auto& [name, recorder] : recorders) inputs.emplace(name, recorder->inputs());
  return inputs;
}

double nats_per_token(R1vModel& model, const std::filesystem::path& folder, const SampleData& data) {
  SftScore total;
  run_samples(model, folder, data, [&](const at::Tensor& hidden_TD, const at::Tensor& targets_T) {
    const SftScore score = sft_score(hidden_TD, model.head_weight_VD(), targets_T);
    total.loss_nats += score.loss_nats;
    total.count += score.count;
  });
  if (total.count == 0) throw InputError(cat(data.file.string(), ": no token is scored"));
  if (!std::isfinite(total.loss_nats)) {
    throw InputError(cat(folder.string(), ": the loss on ", data.file.string(),
                         " is not a finite number; r1v inspect --check looks for broken weights"));
  }
  return total.loss_nats / total.count;
}

}  // namespace r1v

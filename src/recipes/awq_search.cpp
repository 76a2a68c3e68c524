// The search over alpha and over clipping, and where each layer's scales are folded.
#include "recipes/awq_search.h"

#include <ATen/core/grad_mode.h>

#include <array>
#include <limits>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "io/packed_integers.h"

namespace r1v {
namespace {

constexpr int64_t kAlphas = 20;
constexpr int64_t kClips = 10;        // steps of the range
constexpr double kClipStep = 0.05;    // by which it shrinks
constexpr double kLeastScale = 1e-4;  // of an input that is almost always zero

at::Tensor rounded(const at::Tensor& weight_OI, int64_t group_size) {
  return dequantise(quantise_groups(weight_OI, group_size, 4));
}

double output_error(const at::Tensor& rows_NI, const at::Tensor& difference_OI) {
  return at::matmul(rows_NI, difference_OI.t()).square().sum(at::kDouble).item<double>();
}

/// Scales of a shared source, and the same for every input that it feeds.
struct Fold {
  at::Tensor source_S;
  at::Tensor inputs_I;
};

/// search_scales where several inputs may have one source: `spread` turns numbers of sources into numbers of inputs,
/// `gather` takes their means back.
template <typename Gather, typename Spread>  // two small lambdas of one caller
Fold search_fold(std::span<const at::Tensor> weights_OI, const LayerInputs& inputs, int64_t group_size,
                 const Gather& gather, const Spread& spread) {
  const at::Tensor mean_S = gather(inputs.mean_abs_I).clamp_min(1e-12);
  Fold best;
  double least = std::numeric_limits<double>::infinity();
  for (int64_t step = 0; step < kAlphas; ++step) {
    const at::Tensor raw_S = mean_S.pow(static_cast<double>(step) / kAlphas).clamp_min(kLeastScale);
    const at::Tensor scale_S = raw_S / (raw_S.max() * raw_S.min()).sqrt();
    const at::Tensor scale_I = spread(scale_S);
    double error = 0;
    for (const at::Tensor& weight_OI : weights_OI) {
      error += output_error(inputs.rows_NI, rounded(weight_OI * scale_I, group_size) / scale_I - weight_OI);
    }
    if (!(error < least)) continue;  // nor where it is not a number
    least = error;
    best = {.source_S = scale_S, .inputs_I = scale_I};
  }
  if (!best.source_S.defined()) {
    throw InputError(
        "--calibration: no scale gives a finite error; weights or what layers see hold NaN or infinity (r1v inspect "
        "--check, --dtype float32)");
  }
  return best;
}

/// A layer and the one that was watched for both.
struct Watched {
  const char* module;
  const char* watched;
};
constexpr std::array<Watched, 7> kWatched = {{{"self_attn.q_proj", "self_attn.q_proj"},
                                              {"self_attn.k_proj", "self_attn.q_proj"},
                                              {"self_attn.v_proj", "self_attn.q_proj"},
                                              {"self_attn.o_proj", "self_attn.o_proj"},
                                              {"mlp.gate_proj", "mlp.gate_proj"},
                                              {"mlp.up_proj", "mlp.gate_proj"},
                                              {"mlp.down_proj", "mlp.down_proj"}}};

/// The layers of one decoder layer, read by name.
class LayerSearch {
 public:
  LayerSearch(const std::map<std::string, at::Tensor>& parameters, const CalibrationInputs& inputs,
              const AwqOptions& options, const LanguageConfig& language, std::string prefix, WeightChanges& changes)
      : parameters_(parameters),
        inputs_(inputs),
        options_(options),
        language_(language),
        prefix_(std::move(prefix)),
        changes_(changes) {}

  void run() {
    fold_norm("input_layernorm", {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"});
    fold_values();
    fold_norm("post_attention_layernorm", {"mlp.gate_proj", "mlp.up_proj"});
    fold_up();
    if (!options_.clip) return;
    for (const auto& [module, watched] : kWatched) {
      // q and k meet in a product that rows of either alone do not describe: they are not cut, as by the authors
      const bool meets = module == kWatched[0].module || module == kWatched[1].module;
      if (!meets && quantisable(module)) clip(module, watched);
    }
  }

  /// Squared error of the outputs with the changes, as a share of what plain rounding makes; one number a layer.
  std::vector<double> shares() const {
    std::vector<double> list;
    for (const auto& [module, watched] : kWatched) {
      if (!quantisable(module)) continue;
      const at::Tensor plain_OI = weight(module);
      const at::Tensor& rows_NI = inputs_.at(prefix_ + watched).rows_NI;
      const auto found = changes_.find(name(module));
      const WeightChange change = found == changes_.end() ? WeightChange() : found->second;
      at::Tensor stored_OI = rounded(changed(plain_OI, change), options_.plan.group_size);
      if (change.times_I.defined()) stored_OI = stored_OI / change.times_I;
      if (change.over_O.defined()) stored_OI = stored_OI * change.over_O.unsqueeze(1);
      const double plain = output_error(rows_NI, rounded(plain_OI, options_.plan.group_size) - plain_OI);
      if (plain > 0) list.push_back(output_error(rows_NI, stored_OI - plain_OI) / plain);
    }
    return list;
  }

 private:
  std::string name(const std::string& module, const char* parameter = "weight") const {
    return cat(prefix_, module, ".", parameter);
  }
  at::Tensor weight(const std::string& module) const { return parameters_.at(name(module)).to(at::kFloat); }
  bool quantisable(const std::string& module) const {
    return fits(options_.plan, parameters_.at(name(module)).sizes());
  }

  void fold_norm(const char* norm, const std::vector<const char*>& modules) {
    std::vector<at::Tensor> weights;
    for (const char* module : modules) {
      if (!quantisable(module)) return;
      weights.push_back(weight(module));
    }
    const at::Tensor norm_I = weight(norm);
    at::Tensor scale_I = search_scales(weights, inputs_.at(prefix_ + modules.front()), options_.plan.group_size);
    // What rounding the divided norm loses, the scales make good.
    const at::Tensor stored_I = (norm_I / scale_I).to(options_.norm_dtype).to(at::kFloat);
    scale_I = at::where(stored_I == 0, scale_I, norm_I / stored_I);
    changes_[name(norm)].over_O = scale_I;
    for (const char* module : modules) changes_[name(module)].times_I = scale_I;
  }

  void fold_values() {
    if (!quantisable("self_attn.o_proj") || !quantisable("self_attn.v_proj")) return;
    const int64_t groups = language_.num_kv_heads, shared = language_.num_heads / groups, width = language_.head_dim;
    const auto gather = [&](const at::Tensor& x_I) { return x_I.view({groups, shared, width}).mean(1).flatten(); };
    const auto spread = [&](const at::Tensor& x_S) {
      return x_S.view({groups, 1, width}).expand({groups, shared, width}).reshape({groups * shared * width});
    };
    const std::vector<at::Tensor> weights = {weight("self_attn.o_proj")};
    const Fold fold =
        search_fold(weights, inputs_.at(prefix_ + "self_attn.o_proj"), options_.plan.group_size, gather, spread);
    changes_[name("self_attn.o_proj")].times_I = fold.inputs_I;
    changes_[name("self_attn.v_proj")].over_O = fold.source_S;
    changes_[name("self_attn.v_proj", "bias")].over_O = fold.source_S;
  }

  void fold_up() {
    if (!quantisable("mlp.down_proj") || !quantisable("mlp.up_proj")) return;
    const std::vector<at::Tensor> weights = {weight("mlp.down_proj")};
    const at::Tensor scale = search_scales(weights, inputs_.at(prefix_ + "mlp.down_proj"), options_.plan.group_size);
    changes_[name("mlp.down_proj")].times_I = scale;
    changes_[name("mlp.up_proj")].over_O = scale;
  }

  void clip(const char* module, const char* watched) {
    WeightChange& change = changes_[name(module)];
    const at::Tensor& rows_NI = inputs_.at(prefix_ + watched).rows_NI;
    const WeightChange ends =
        search_clip(changed(weight(module), change), change.times_I.defined() ? rows_NI / change.times_I : rows_NI,
                    options_.plan.group_size);
    change.low_OG = ends.low_OG;
    change.high_OG = ends.high_OG;
  }

  const std::map<std::string, at::Tensor>& parameters_;
  const CalibrationInputs& inputs_;
  const AwqOptions& options_;
  const LanguageConfig& language_;
  const std::string prefix_;  // "model.layers.0."
  WeightChanges& changes_;
};

}  // namespace

at::Tensor search_scales(std::span<const at::Tensor> weights_OI, const LayerInputs& inputs, int64_t group_size) {
  const auto same = [](const at::Tensor& x) { return x; };
  return search_fold(weights_OI, inputs, group_size, same, same).inputs_I;
}

WeightChange search_clip(const at::Tensor& weight_OI, const at::Tensor& rows_NI, int64_t group_size) {
  const int64_t outputs = weight_OI.size(0), groups = weight_OI.size(1) / group_size;
  const at::Tensor weight_OGS = weight_OI.view({outputs, groups, group_size});
  const at::Tensor low_OG = weight_OGS.amin(2), high_OG = weight_OGS.amax(2);
  // |x d|^2 summed over rows x is d (x^T x) d: a small matrix for every group does for all rows
  const at::Tensor rows_GNS = rows_NI.view({-1, groups, group_size}).transpose(0, 1);
  const at::Tensor gram_GSS = at::bmm(rows_GNS.transpose(1, 2), rows_GNS);
  at::Tensor least_OG = at::full({outputs, groups}, std::numeric_limits<float>::infinity());
  at::Tensor share_OG = at::ones({outputs, groups});
  for (int64_t step = 0; step < kClips; ++step) {
    const double share = 1 - kClipStep * static_cast<double>(step);
    const at::Tensor cut = at::clamp(weight_OGS, (low_OG * share).unsqueeze(2), (high_OG * share).unsqueeze(2));
    const at::Tensor difference_GOS =
        (rounded(cut.view(weight_OI.sizes()), group_size).view(weight_OGS.sizes()) - weight_OGS).transpose(0, 1);
    const at::Tensor error_OG = (at::bmm(difference_GOS, gram_GSS) * difference_GOS).sum(2).t();
    const at::Tensor better = error_OG < least_OG;
    least_OG = at::where(better, error_OG, least_OG);
    share_OG.masked_fill_(better, share);
  }
  return {.low_OG = low_OG * share_OG, .high_OG = high_OG * share_OG};
}

WeightChanges awq_changes(R1vModel& model, const CalibrationInputs& inputs, const AwqOptions& options) {
  const at::NoGradGuard no_gradients;
  std::map<std::string, at::Tensor> parameters;
  model.walk([&](const std::string& name, at::Tensor& parameter) { parameters.emplace(name, parameter); });
  WeightChanges changes;
  double sum = 0, count = 0;
  const std::string first = "self_attn.q_proj";
  for (const auto& [module, layer_inputs] : inputs) {
    if (!module.ends_with(first)) continue;
    const std::string prefix = module.substr(0, module.size() - first.size());
    LayerSearch search(parameters, inputs, options, model.config().language, prefix, changes);
    search.run();
    for (const double share : search.shares()) {
      sum += share;
      ++count;
    }
  }
  if (count > 0) {
    log_info(cat("on the calibration data the layers' squared errors are ", 100 * sum / count,
                 " % of what plain rounding makes, on average"));
  }
  return changes;
}

}  // namespace r1v

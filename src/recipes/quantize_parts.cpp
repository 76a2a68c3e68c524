// Weights into integers and their files' parts. Layouts: docs/formats.md; read back by models/quantized_layer.cpp.
#include "recipes/quantize_parts.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "io/packed_integers.h"

namespace r1v {
namespace {

constexpr std::array kKinds = {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
                               "mlp.gate_proj",    "mlp.up_proj",      "mlp.down_proj"};
constexpr int64_t kNibbles = 8;  // in a word

/// Integers of compressed-tensors are stored with an offset, so that they are unsigned, rows filled up to whole words.
at::Tensor pack_bytes(const at::Tensor& values_OI) {
  const at::Tensor shifted = (values_OI.to(at::kInt) + 128).to(at::kByte);
  const int64_t missing = (4 - shifted.size(1) % 4) % 4;
  return pack_words(at::constant_pad_nd(shifted, {0, missing}), 8, WordOrder::ascending);
}

}  // namespace

double relative_error(const at::Tensor& stored, const at::Tensor& wanted) {
  const at::Tensor expected = wanted.to(at::kFloat);
  const double size = expected.norm().item<double>();
  return size == 0 ? 0 : (stored.to(at::kFloat) - expected).norm().item<double>() / size;
}

std::string linear_kind(const std::string& name) {
  for (const char* kind : kKinds) {
    const std::string ending = cat(".", kind, ".weight");
    if (!name.ends_with(ending)) continue;
    const std::string front = name.substr(0, name.size() - ending.size());  // "model.layers.12"
    const size_t dot = front.find_last_of('.');
    if (dot == std::string::npos || !front.substr(0, dot).ends_with("layers")) continue;
    if (std::ranges::all_of(front.substr(dot + 1), [](char c) { return c >= '0' && c <= '9'; })) return kind;
  }
  return "";
}

std::string plain_module(const std::string& stem) {
  if (!linear_kind(stem + ".weight").empty()) return stem;
  // Newer uploads of Qwen2.5-VL have "model." in front of the tower, too: that name alone would mean every layer.
  const std::string front = "model.";
  const size_t begin = stem.starts_with(front) ? front.size() : 0;
  return stem.substr(begin, stem.find('.', begin) - begin);
}

at::Tensor changed(const at::Tensor& weight, const WeightChange& change) {
  at::Tensor out = weight.to(at::kFloat);
  if (change.times_I.defined()) out = out * change.times_I;
  if (change.over_O.defined()) out = out / (out.dim() == 2 ? change.over_O.unsqueeze(1) : change.over_O);
  if (!change.low_OG.defined()) return out;
  const at::Tensor groups = out.view({out.size(0), change.low_OG.size(1), -1});
  return at::clamp(groups, change.low_OG.unsqueeze(2), change.high_OG.unsqueeze(2)).view(out.sizes());
}

bool fits(const QuantizePlan& plan, at::IntArrayRef shape_OI) {
  return plan.to == QuantizeTo::int8 || (shape_OI[1] % plan.group_size == 0 && shape_OI[0] % kNibbles == 0);
}

QuantizedParts quantised_parts(const std::string& stem, const at::Tensor& weight_OI, const QuantizePlan& plan) {
  if (!at::isfinite(weight_OI).all().item<bool>()) {
    throw InputError(cat("the weight of ", printable(stem), " holds NaN or infinity; it cannot be quantised"));
  }
  QuantizedParts parts;
  const auto add = [&](const char* part, const at::Tensor& tensor) {
    parts.tensors.emplace_back(cat(stem, ".", part), tensor.contiguous());
  };
  const bool rows = plan.to == QuantizeTo::int8;
  const IntegerGroups groups =
      rows ? quantise_rows(weight_OI, plan.scale_dtype) : quantise_groups(weight_OI, plan.group_size, 4);
  if (!at::isfinite(groups.scales_OG).all().item<bool>()) {
    throw InputError(cat("the weight of ", printable(stem), " reaches ", weight_OI.abs().max().item<double>(),
                         ", too large for scales of 16 bits; it cannot be quantised"));
  }
  if (rows) {
    add("weight_packed", pack_bytes(groups.values_OI));
    add("weight_scale", groups.scales_OG);
    add("weight_shape", at::tensor(weight_OI.sizes()));
  } else {
    add("qweight", pack_words(groups.values_OI.t(), 4, WordOrder::interleaved));
    add("qzeros", pack_words(groups.zeros_OG.t(), 4, WordOrder::interleaved));
    add("scales", groups.scales_OG.t());
  }
  parts.error = relative_error(dequantise(groups), weight_OI);
  return parts;
}

Json quantization_json(const QuantizePlan& plan, const std::vector<std::string>& kept) {
  if (plan.to == QuantizeTo::int4) {
    return {{"quant_method", "awq"}, {"bits", 4},         {"group_size", plan.group_size},
            {"zero_point", true},    {"version", "gemm"}, {"modules_to_not_convert", kept}};
  }
  const Json weights = {{"num_bits", 8},         {"type", "int"},    {"symmetric", true},
                        {"strategy", "channel"}, {"dynamic", false}, {"group_size", nullptr}};
  const Json group = {
      {"targets", {"Linear"}}, {"weights", weights}, {"input_activations", nullptr}, {"output_activations", nullptr}};
  Json ignore = Json::array();
  for (const std::string& module : kept) ignore.push_back("re:.*" + module + ".*");
  return {{"quant_method", "compressed-tensors"},
          {"format", "pack-quantized"},
          {"quantization_status", "compressed"},
          {"config_groups", {{"group_0", group}}},
          {"ignore", ignore}};
}

}  // namespace r1v

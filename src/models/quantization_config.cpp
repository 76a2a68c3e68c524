// Reads "quantization_config". source: transformers 5.23 utils/quantization_config.py, AutoAWQ 0.2.9 models/_config.py,
// compressed-tensors 0.20 quantization/quant_config.py and quant_args.py.
#include "models/quantization_config.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "models/config_fields.h"

namespace r1v {
namespace {

constexpr const char* kKey = "quantization_config";
constexpr std::array kParts = {"llm_config", "text_config"};
constexpr Range<int64_t> kGroups{-1, 1 << 20};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

[[noreturn]] void refuse(const ConfigFields& fields, const std::string& what, const std::string& expected) {
  throw InputError(cat(fields.where(), ": ", what, " is not supported; expected ", expected));
}

int64_t read_group_size(const ConfigFields& fields) {
  const int64_t size = fields.integer_or("group_size", 128, kGroups);
  if (size == 0) refuse(fields, "group_size 0", "a positive number, or -1 for whole rows");
  return size;
}

QuantizationConfig read_awq(const ConfigFields& fields) {
  const std::string version = lower(fields.text_or("version", fields.text_or("format", "gemm")));
  if (version != "gemm") refuse(fields, cat("AWQ version \"", printable(version), "\""), "gemm");
  const int64_t bits = fields.integer_or("bits", 4, {1, 64});
  if (bits != 4) refuse(fields, cat("AWQ with ", bits, " bits"), "4");
  return {.form = QuantizedForm::awq, .bits = bits, .group_size = read_group_size(fields)};
}

QuantizationConfig read_gptq(const ConfigFields& fields) {
  const std::string layout = lower(fields.text_or("checkpoint_format", fields.text_or("format", "gptq")));
  if (layout != "gptq" && layout != "gptq_v2") {
    refuse(fields, cat("GPTQ layout \"", printable(layout), "\""), "gptq or gptq_v2");
  }
  const int64_t bits = fields.integer("bits", {1, 64});
  if (bits != 4 && bits != 8) refuse(fields, cat("GPTQ with ", bits, " bits"), "4 or 8");
  return {.form = QuantizedForm::gptq,
          .bits = bits,
          .group_size = read_group_size(fields),
          .zeros_are_less_by_one = layout == "gptq"};
}

/// The "weights" of the one group of layers.
ConfigFields compressed_weights(const ConfigFields& fields) {
  const ConfigFields groups = fields.object("config_groups");
  if (groups.json().size() != 1) refuse(groups, cat(groups.json().size(), " groups of layers"), "one");
  const ConfigFields group = groups.object(groups.json().begin().key());
  for (const char* key : {"input_activations", "output_activations"}) {
    if (group.has(key)) refuse(group, cat("quantised activations (\"", key, "\")"), "quantised weights only");
  }
  return group.object("weights");
}

QuantizationConfig read_compressed(const ConfigFields& fields) {
  const std::string layout = fields.text_or("format", "");
  if (layout != "int-quantized" && layout != "pack-quantized") {
    refuse(fields, cat("compressed-tensors format \"", printable(layout), "\""), "int-quantized or pack-quantized");
  }
  const ConfigFields weights = compressed_weights(fields);
  weights.require_text("type", "int");
  if (!weights.boolean_or("symmetric", true)) refuse(weights, "\"symmetric\": false", "true");
  const bool packed = layout == "pack-quantized";
  const int64_t bits = weights.integer_or("num_bits", 8, {1, 64});
  if (bits != 8 && (bits != 4 || !packed))
    refuse(weights, cat(layout, " with ", bits, " bits"), packed ? "4 or 8" : "8");
  const std::string strategy = weights.text_or("strategy", weights.has("group_size") ? "group" : "channel");
  if (strategy != "channel" && strategy != "group") {
    refuse(weights, cat("strategy \"", printable(strategy), "\""), "channel or group");
  }
  return {.form = packed ? QuantizedForm::pack_quantized : QuantizedForm::int_quantized,
          .bits = bits,
          .group_size = strategy == "group" ? weights.integer("group_size", {1, kGroups.high}) : kWholeRow};
}

QuantizationConfig read_object(const ConfigFields& fields) {
  const std::string method = lower(fields.text_or("quant_method", ""));
  if (method == "awq") return read_awq(fields);
  if (method == "gptq") return read_gptq(fields);
  if (method == "compressed-tensors") return read_compressed(fields);
  refuse(fields, cat("quant_method \"", printable(method), "\""), "awq, gptq or compressed-tensors");
}

}  // namespace

std::optional<QuantizationConfig> read_quantization_config(const Json& config, const std::string& where) {
  const ConfigFields fields(config, where);
  if (fields.has(kKey)) return read_object(fields.object(kKey));
  for (const char* part : kParts) {
    if (!fields.has(part)) continue;
    const ConfigFields inner = fields.object(part);
    if (inner.has(kKey)) return read_object(inner.object(kKey));
  }
  return std::nullopt;
}

void erase_quantization_config(Json& config) {
  config.erase(kKey);
  for (const char* part : kParts) {
    if (config.contains(part) && config[part].is_object()) config[part].erase(kKey);
  }
}

}  // namespace r1v

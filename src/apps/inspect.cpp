// r1v inspect: what a checkpoint folder is, without loading it.
#include <fmt/format.h>

#include <iostream>
#include <map>

#include "apps/commands.h"
#include "apps/default_model.h"
#include "apps/open_model.h"
#include "base/error.h"
#include "base/json.h"
#include "models/names.h"
#include "models/open_checkpoint.h"
#include "models/r1v.h"
#include "models/value_head.h"
#include "tensor/dtype.h"
#include "train/freeze.h"

namespace r1v {
namespace {

struct InspectOptions {
  std::filesystem::path model = default_model();
  bool json = false;
  bool check = false;
  void fields(auto& field) {
    field("model", model, "folder with config.json and *.safetensors, or a *.gguf file");
    field("json", json, "one JSON document on stdout instead of lines to read");
    field("check", check, "read every weight and report tensors that hold NaN or infinity");
  }
};

/// Numbers of each part; "embeddings" and "head" are counted under "language", too.
Json parameters_json(R1vModel& model, bool has_head) {
  Json counts = {{"total", 0}, {"vision", 0}, {"projector", 0}, {"language", 0}, {"embeddings", 0}, {"head", 0}};
  const auto add = [&](const char* key, int64_t count) { counts[key] = counts[key].get<int64_t>() + count; };
  model.walk([&](const std::string& name, at::Tensor& parameter) {
    add("total", parameter.numel());
    add(part_name(part_of(name)), parameter.numel());
    if (name.ends_with("embed_tokens.weight")) add("embeddings", parameter.numel());
    if (name.ends_with("lm_head.weight")) add("head", parameter.numel());
  });
  if (has_head) {
    counts["value_head"] = model.config().language.hidden_size + 1;
    add("total", model.config().language.hidden_size + 1);
  }
  return counts;
}

/// Bytes on disk of each part: what stands under a parameter's name, scales and zero points included.
Json part_bytes_json(const TensorSource& checkpoint, const CheckpointMatch& match) {
  std::map<std::string, int64_t> bytes;
  for (const auto& [parameter, stored] : match.stored_name) {
    bytes[part_name(part_of(parameter))] += checkpoint.stored(stored).bytes;
  }
  return bytes;
}

Json vision_json(const Qwen25VisionConfig& vision) {
  return {{"layers", vision.depth},
          {"hidden_size", vision.hidden_size},
          {"heads", vision.num_heads},
          {"intermediate_size", vision.intermediate_size},
          {"patch_size", vision.patch_size},
          {"merge_size", vision.spatial_merge_size},
          {"window_pixels", vision.window_size},
          {"full_attention", vision.full_attention_blocks}};
}

Json vision_json(const VisionConfig& vision) {
  return {{"layers", vision.num_layers},
          {"hidden_size", vision.hidden_size},
          {"heads", vision.num_heads},
          {"intermediate_size", vision.intermediate_size},
          {"patch_size", vision.patch_size},
          {"image_size", vision.image_size},
          {"norm", vision.rms_norm ? "rms_norm" : "layer_norm"},
          {"qk_normalization", vision.qk_normalization},
          {"qkv_bias", vision.qkv_bias}};
}

Json language_json(const LanguageConfig& language) {
  Json json = {{"layers", language.num_layers},
               {"hidden_size", language.hidden_size},
               {"heads", language.num_heads},
               {"kv_heads", language.num_kv_heads},
               {"head_dim", language.head_dim},
               {"intermediate_size", language.intermediate_size},
               {"vocab_size", language.vocab_size},
               {"max_position", language.max_position},
               {"rope_theta", language.rope_theta},
               {"rms_norm_eps", language.rms_norm_eps},
               {"tied_embeddings", language.tie_word_embeddings}};
  if (!language.mrope_section.empty()) json["mrope_section"] = language.mrope_section;
  if (language.yarn) json["yarn_factor"] = language.yarn->factor;
  return json;
}

/// Tensors whose values are not all finite; reads the whole checkpoint.
Json non_finite(const TensorSource& checkpoint) {
  Json names = Json::array();
  for (const std::string& name : checkpoint.names()) {
    const at::Tensor tensor = checkpoint.tensor(name);
    if (tensor.is_floating_point() && !at::isfinite(tensor).all().item<bool>()) names.push_back(name);
  }
  return names;
}

Json stored_json(const TensorSource& checkpoint) {
  std::map<std::string, int64_t> tensors_of;
  int64_t bytes = 0;
  for (const std::string& name : checkpoint.names()) {
    const StoredTensor stored = checkpoint.stored(name);
    ++tensors_of[stored.form];
    bytes += stored.bytes;
  }
  return {{"tensors", checkpoint.names().size()},
          {"files", checkpoint.num_files()},
          {"bytes", bytes},
          {"dtypes", tensors_of}};
}

Json describe(const InspectOptions& options) {
  expect_model(options.model, "--model");
  R1vModel model(read_model_config(options.model));
  const std::unique_ptr<TensorSource> checkpoint = open_checkpoint(options.model);
  const CheckpointMatch match = match_checkpoint(model, *checkpoint);
  const ModelConfig& config = model.config();
  const int64_t kv_numbers = 2 * config.language.num_layers * config.language.num_kv_heads * config.language.head_dim;
  Json json = {{"model", options.model.string()},
               {"architecture", config.architecture},
               {"model_type", config.model_type},
               {"dtype", config.torch_dtype}};
  const bool has_head = std::filesystem::is_directory(options.model) && has_value_head(options.model);
  json["vision"] = config.vision        ? vision_json(*config.vision)
                   : config.qwen_vision ? vision_json(*config.qwen_vision)
                                        : Json();
  json["language"] = language_json(config.language);
  if (config.vision) {
    json["pixel_shuffle"] = config.pixel_shuffle_v2 ? "v2" : "v1";
    json["tile_pixels"] = config.force_image_size;
    json["tokens_per_tile"] = config.tokens_per_tile();
    json["max_tiles"] = config.max_dynamic_patch;
  }
  json["parameters"] = parameters_json(model, has_head);
  json["stored"] = stored_json(*checkpoint);
  json["part_bytes"] = part_bytes_json(*checkpoint, match);
  json["value_head"] = has_head;
  if (has_head) {  // a broken one is refused
    const auto head = load_value_head(options.model, config.language.hidden_size, at::kCPU);
    json["likelihood_weight"] = head->likelihood_weight();
  }
  for (const char* dtype : {"float32", "bfloat16", "float16"}) {
    const int64_t width = static_cast<int64_t>(at::elementSize(parse_dtype(dtype)));
    json["memory_bytes"][dtype] = json["parameters"]["total"].get<int64_t>() * width;
    json["kv_bytes_per_token"][dtype] = kv_numbers * width;
  }
  json["complete"] = match.is_complete();
  json["missing"] = match.missing;
  json["surplus"] = match.surplus;
  json["misshapen"] = match.misshapen;
  json["tolerated"] = match.tolerated;
  if (options.check) json["not_finite"] = non_finite(*checkpoint);
  return json;
}

std::string size_text(const Json& bytes) {
  const double value = bytes.get<double>();
  return value >= 1e9 ? fmt::format("{:.2f} GB", value / 1e9) : fmt::format("{:.2f} MB", value / 1e6);
}

void print_map(const char* title, const Json& object, bool as_bytes) {
  std::cout << fmt::format("{:<16}", title);
  const char* separator = "";
  for (const auto& [key, value] : object.items()) {
    const bool is_size = as_bytes && value.is_number();
    std::cout << separator << key << " "
              << (value.is_string() ? value.get<std::string>()
                  : is_size         ? size_text(value)
                                    : dump_json(value));
    separator = ", ";
  }
  std::cout << "\n";
}

void print_names(const char* title, const Json& names) {
  if (names.empty()) return;
  std::cout << title << " (" << names.size() << ")\n";
  for (const Json& name : names) std::cout << "  " << printable(name.get<std::string>(), 200) << "\n";
}

void print_text(const Json& json) {
  std::cout << fmt::format("{:<16}{} ({})\n", "architecture", json["architecture"].get<std::string>(),
                           json["model_type"].get<std::string>());
  if (json["vision"].is_object()) print_map("vision", json["vision"], false);
  if (json.contains("tile_pixels")) {
    std::cout << fmt::format("{:<16}{} pixels, {} tokens, up to {} a picture; pixel shuffle {}\n", "tile",
                             json["tile_pixels"].get<int64_t>(), json["tokens_per_tile"].get<int64_t>(),
                             json["max_tiles"].get<int64_t>(), json["pixel_shuffle"].get<std::string>());
  }
  print_map("language", json["language"], false);
  print_map("parameters", json["parameters"], false);
  print_map("stored", json["stored"], false);
  print_map("on disk", json["part_bytes"], true);
  print_map("memory", json["memory_bytes"], true);
  if (json["value_head"].get<bool>()) {
    const double weight = json["likelihood_weight"].get<double>();
    std::cout << fmt::format("{:<16}yes: answers can be scored", "value head")
              << (weight == 0 ? "\n" : fmt::format("; a score has {:g} x the answer's log-likelihood\n", weight));
  }
  print_map("kv bytes/token", json["kv_bytes_per_token"], false);
  print_names("missing", json["missing"]);
  print_names("surplus", json["surplus"]);
  print_names("misshapen", json["misshapen"]);
  if (json.contains("not_finite")) print_names("with NaN or infinity", json["not_finite"]);
}

}  // namespace

int run_inspect(Args args) {
  const auto options = parse_options<InspectOptions>(
      "inspect", "what a checkpoint is: parts, sizes, memory, what is missing or surplus", args);
  const Json json = describe(options);
  if (options.json) {
    std::cout << dump_json(json) << "\n";
  } else {
    print_text(json);
  }
  if (!json["complete"].get<bool>()) {
    throw InputError(cat(options.model.string(), ": the tensors do not fit config.json: ", json["missing"].size(),
                         " missing, ", json["surplus"].size(), " surplus, ", json["misshapen"].size(), " misshapen"));
  }
  if (options.check && !json["not_finite"].empty()) {
    throw InputError(cat(options.model.string(), ": ", json["not_finite"].size(), " tensors hold NaN or infinity"));
  }
  return 0;
}

}  // namespace r1v

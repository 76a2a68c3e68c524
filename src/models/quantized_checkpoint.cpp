// Finds the quantised layers of a folder by their tensors' names.
#include "models/quantized_checkpoint.h"

#include "base/error.h"

namespace r1v {
namespace {

const std::string kWeight = ".weight";

std::string stem_of(const std::string& plain_name) { return plain_name.substr(0, plain_name.size() - kWeight.size()); }

}  // namespace

QuantizedCheckpoint::QuantizedCheckpoint(std::unique_ptr<Checkpoint> files, const QuantizationConfig& config)
    : files_(std::move(files)), config_(config) {
  const std::string ending = cat(".", leading_part(config.form));
  for (const std::string& name : files_->names()) {
    if (!name.ends_with(ending)) continue;
    const std::string stem = name.substr(0, name.size() - ending.size());
    const QuantizedLayer& layer = layers_.emplace(stem + kWeight, check_layer(*files_, stem, config)).first->second;
    for (const std::string& part : layer.parts) part_of_.emplace(part, stem + kWeight);
    if (files_->has(stem + kWeight) && !part_of_.contains(stem + kWeight)) {
      throw InputError(cat(files_->folder().string(), ": layer \"", printable(stem), "\" is there twice, as ", ending,
                           " and as ", kWeight));
    }
  }
  if (layers_.empty()) {
    throw InputError(
        cat(files_->folder().string(), ": config.json has a quantization_config, but no tensor is called *", ending));
  }
}

std::vector<std::string> QuantizedCheckpoint::names() const {
  std::map<std::string, bool> all;
  for (const auto& [name, layer] : layers_) all[name] = true;
  for (const std::string& name : files_->names()) {
    if (!part_of_.contains(name)) all[name] = true;
  }
  std::vector<std::string> names;
  for (const auto& [name, unused] : all) names.push_back(name);
  return names;
}

bool QuantizedCheckpoint::has(const std::string& name) const {
  return layers_.contains(name) || (files_->has(name) && !part_of_.contains(name));
}

StoredTensor QuantizedCheckpoint::stored(const std::string& name) const {
  const auto layer = layers_.find(name);
  return layer == layers_.end() ? files_->stored(name) : layer->second.weight;
}

at::Tensor QuantizedCheckpoint::tensor(const std::string& name) const {
  const auto layer = layers_.find(name);
  if (layer == layers_.end()) return files_->tensor(name);
  const LayerIntegers integers = read_integers(*files_, stem_of(name), layer->second, config_);
  return dequantise(integers.groups, integers.group_I);
}

std::optional<IntegerGroups> QuantizedCheckpoint::integers(const std::string& name) const {
  const auto layer = layers_.find(name);
  if (layer == layers_.end()) return std::nullopt;
  const LayerIntegers integers = read_integers(*files_, stem_of(name), layer->second, config_);
  if (integers.group_I.defined()) return std::nullopt;
  return integers.groups;
}

}  // namespace r1v

// Walks the new network and looks up every weight in the old one.
#include "models/expand.h"

#include <map>

#include "base/error.h"

namespace r1v {
namespace {

/// "model.layers.7.mlp..." with 7 replaced by `layer`; the name itself where it is of no layer of the language model.
std::string at_layer(const std::string& name, int64_t layer) {
  const std::string mark = "model.layers.";
  const size_t at = name.find(mark);
  if (at == std::string::npos) return name;
  const size_t number = at + mark.size(), end = name.find('.', number);
  return name.substr(0, number) + std::to_string(layer) + name.substr(end);
}

bool writes_to_residual(const std::string& name) {
  return name.ends_with(".o_proj.weight") || name.ends_with(".down_proj.weight");
}

void set_depth(Json& raw, int64_t layers) {
  Json& numbers = raw.contains("llm_config")    ? raw["llm_config"]
                  : raw.contains("text_config") ? raw["text_config"]
                                                : raw;
  numbers["num_hidden_layers"] = layers;
  numbers.erase("layer_types");
}

}  // namespace

std::unique_ptr<R1vModel> with_more_layers(R1vModel& model, int64_t count) {
  R1V_CHECK(count >= 0);
  ModelConfig config = model.config();
  const int64_t last = config.language.num_layers - 1;
  config.language.num_layers += count;
  set_depth(config.raw, config.language.num_layers);
  std::map<std::string, at::Tensor> known;
  model.walk([&](const std::string& name, at::Tensor& parameter) { known[name] = parameter; });
  auto deeper = std::make_unique<R1vModel>(config);
  deeper->walk([&](const std::string& name, at::Tensor& parameter) {
    const auto found = known.find(name);
    if (found != known.end()) {
      parameter = found->second;
      return;
    }
    const at::Tensor& source = known.at(at_layer(name, last));
    parameter = writes_to_residual(name) ? at::zeros_like(source) : source.clone();
  });
  return deeper;
}

}  // namespace r1v

// The learning network's parameters as a checkpoint that is read again after every step.
#include "models/packed_twin.h"

#include <c10/core/GradMode.h>

#include <map>
#include <set>
#include <string>

#include "base/error.h"
#include "models/low_rank.h"
#include "models/names.h"
#include "models/packed_language.h"
#include "nn/linear.h"

namespace r1v {

/// Parameters by name, as they are now.
struct PackedTwin::Source final : TensorSource {
  explicit Source(R1vModel& learning) {
    learning.walk_modules([&](const std::string& name, Module& module) {
      auto* linear = dynamic_cast<Linear*>(&module);
      if (linear != nullptr && linear->added.a_RI.defined()) low_rank[name + ".weight"] = linear;
    });
    learning.walk([&](const std::string& name, at::Tensor& parameter) {
      if (!is_low_rank(name)) parameters[name] = &parameter;
    });
  }

  std::vector<std::string> names() const override {
    std::vector<std::string> list;
    for (const auto& [name, parameter] : parameters) list.push_back(name);
    return list;
  }
  bool has(const std::string& name) const override { return parameters.contains(name); }
  StoredTensor stored(const std::string& name) const override {
    const at::Tensor& parameter = *parameters.at(name);
    return {.dtype = parameter.scalar_type(),
            .shape = parameter.sizes().vec(),
            .form = "live",
            .bytes = static_cast<int64_t>(parameter.nbytes())};
  }
  /// In memory of its own: readers give pages back that they think are mapped files.
  at::Tensor tensor(const std::string& name) const override {
    const at::NoGradGuard no_gradients;
    const auto linear = low_rank.find(name);
    return linear == low_rank.end() ? parameters.at(name)->detach().clone() : linear->second->merged_weight();
  }
  at::Tensor rows(const std::string& name, const at::Tensor& rows_R) const override {
    return parameters.at(name)->detach().index_select(0, rows_R);
  }
  int64_t num_files() const override { return 0; }

  bool learns(const std::string& name) const { return low_rank.contains(name) || parameters.at(name)->requires_grad(); }

  std::map<std::string, at::Tensor*> parameters;
  std::map<std::string, const Linear*> low_rank;
};

bool PackedTwin::fits(R1vModel& learning) {
  const LanguageConfig& config = learning.config().language;
  const auto is_whole = [](int64_t outputs) { return outputs % kPanelOutputs == 0; };
  return learning.head_weight_VD().is_cpu() && PackedLanguage::fits(config) &&
         is_whole(config.num_heads * config.head_dim) && is_whole(config.num_kv_heads * config.head_dim) &&
         is_whole(config.intermediate_size);
}

PackedTwin::PackedTwin(R1vModel& learning)
    : learning_(learning),
      source_(std::make_shared<Source>(learning)),
      twin_(std::make_unique<R1vModel>(learning.config())) {
  R1V_CHECK(fits(learning), "this network cannot be packed");
  const bool is_float32 = learning.head_weight_VD().scalar_type() == at::kFloat;
  const CheckpointMatch match = match_checkpoint(*twin_, *source_);
  R1V_CHECK(match.is_complete(), "a network that does not fit itself: ", match.faults());
  twin_->pack(WeightReader(source_, match), pack_formats(is_float32 ? WeightFormat::float32 : WeightFormat::bfloat16));
  if (is_float32) learning_.follow(*twin_);
}

PackedTwin::~PackedTwin() { learning_.unfollow(); }

void PackedTwin::refresh() {
  const CheckpointMatch match = match_checkpoint(*twin_, *source_);
  twin_->refresh_packed(WeightReader(source_, match), [&](const std::string& name) { return source_->learns(name); });
}

}  // namespace r1v

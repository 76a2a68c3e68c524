// What `r1v ask` does with --weights auto.
#include "recipes/answering_model.h"

#include "kernels/packed_weight.h"
#include "kernels/paged_kv.h"
#include "models/packed_language.h"
#include "models/registry.h"
#include "tensor/dtype.h"

namespace r1v {

AnsweringModel::AnsweringModel(const std::filesystem::path& folder, const std::string& dtype)
    : renderer(std::make_unique<Renderer>(folder)) {
  LoadOptions load{.dtype = compute_dtype(dtype)};
  const bool is_bfloat16 = load.dtype == at::kBFloat16;
  if (load.dtype != at::kHalf && PackedLanguage::fits(read_model_config(folder).language)) {
    load.packed = is_bfloat16 ? WeightFormat::bfloat16 : WeightFormat::float32;
    if (is_bfloat16) engine.kv_format = KvFormat::bfloat16;
  }
  model = load_model(folder, load);
}

}  // namespace r1v

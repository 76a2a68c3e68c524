// Rows of a sequence lie where its table says: row i in block table[i / 32].
#include "engine/block_store.h"

#include "base/error.h"
#include "kernels/lazy_memory.h"

namespace r1v {
namespace {

KvLayout layout_of(const R1vModel& model, KvFormat format) {
  const LanguageConfig& config = model.config().language;
  return {.format = format,
          .num_layers = config.num_layers,
          .num_kv_heads = config.num_kv_heads,
          .head_width = config.head_dim};
}

at::Tensor memory_like(const at::Tensor& rows, const std::vector<int64_t>& sizes) {
  return rows.is_cpu() ? lazy_memory(sizes, rows.scalar_type()) : at::empty(sizes, rows.options());
}

}  // namespace

KvStore::View PackedKv::append(int64_t, int64_t, int64_t, const at::Tensor&, const at::Tensor&) {
  R1V_CHECK(false, "a plain network does not read packed blocks");
}

void PagedTensorKv::copy_block(int32_t from, int32_t to) {
  const auto block = [](const at::Tensor& rows_CGH, int32_t index) {
    return rows_CGH.narrow(0, index * kKvBlockTokens, kKvBlockTokens);
  };
  for (const Layer& layer : layers_) {
    block(layer.keys_CGH, to).copy_(block(layer.keys_CGH, from));
    block(layer.values_CGH, to).copy_(block(layer.values_CGH, from));
  }
}

KvStore::View PagedTensorKv::append(int64_t layer, int64_t sequence, int64_t past, const at::Tensor& keys_TGH,
                                    const at::Tensor& values_TGH) {
  if (static_cast<int64_t>(layers_.size()) <= layer) layers_.resize(static_cast<size_t>(layer) + 1);
  Layer& held = layers_[static_cast<size_t>(layer)];
  if (!held.keys_CGH.defined()) {
    const std::vector<int64_t> sizes = {blocks_ * kKvBlockTokens, keys_TGH.size(1), keys_TGH.size(2)};
    held.keys_CGH = memory_like(keys_TGH, sizes);
    held.values_CGH = memory_like(values_TGH, sizes);
  }
  const int64_t length = past + keys_TGH.size(0);
  const std::span<const int32_t> table = table_of(sequence);
  std::vector<int64_t> rows;
  rows.reserve(static_cast<size_t>(length));
  for (int64_t i = 0; i < length; ++i) {
    rows.push_back(table[static_cast<size_t>(i / kKvBlockTokens)] * kKvBlockTokens + i % kKvBlockTokens);
  }
  const at::Tensor rows_S = at::tensor(rows, at::kLong).to(keys_TGH.device());
  const at::Tensor new_rows_T = rows_S.narrow(0, past, length - past);
  held.keys_CGH.index_copy_(0, new_rows_T, keys_TGH);
  held.values_CGH.index_copy_(0, new_rows_T, values_TGH);
  return {.keys_SGH = held.keys_CGH.index_select(0, rows_S), .values_SGH = held.values_CGH.index_select(0, rows_S)};
}

int64_t block_bytes(const R1vModel& model, KvFormat format) {
  if (model.packed_language() != nullptr) return layout_of(model, format).block_bytes();
  const LanguageConfig& config = model.config().language;
  const auto number_bytes = static_cast<int64_t>(model.input_options().dtype().itemsize());
  return 2 * config.num_layers * kKvBlockTokens * config.num_kv_heads * config.head_dim * number_bytes;
}

std::unique_ptr<BlockStore> make_block_store(const R1vModel& model, KvFormat format, int64_t blocks) {
  if (model.packed_language() == nullptr) return std::make_unique<PagedTensorKv>(blocks);
  return std::make_unique<PackedKv>(layout_of(model, format), blocks);
}

}  // namespace r1v

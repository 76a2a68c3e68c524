// The memory behind block tables: packed for networks that read blocks in place, tensors for all others.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "kernels/paged_kv.h"
#include "models/r1v.h"
#include "nn/kv_store.h"

namespace r1v {

/// Blocks of kKvBlockTokens tokens in all layers. Who has which block is decided elsewhere and told before every pass.
class BlockStore : public KvStore {
 public:
  virtual void copy_block(int32_t from, int32_t to) = 0;

  void begin_pass() { tables_.clear(); }
  /// The table stays valid during the pass and has room for all rows of it.
  void set_table(int64_t sequence, std::span<const int32_t> table) { tables_[sequence] = table; }

 protected:
  std::span<const int32_t> table_of(int64_t sequence) const { return tables_.at(sequence); }

 private:
  std::unordered_map<int64_t, std::span<const int32_t>> tables_;
};

/// For packed networks.
class PackedKv final : public BlockStore, public PagedStore {
 public:
  PackedKv(const KvLayout& layout, int64_t blocks) : pool_(layout, blocks) {}

  void copy_block(int32_t from, int32_t to) override { pool_.copy_block(from, to); }
  KvPool& pool() override { return pool_; }
  std::span<const int32_t> table(int64_t sequence) const override { return table_of(sequence); }
  PagedStore* paged() override { return this; }
  View append(int64_t layer, int64_t sequence, int64_t past, const at::Tensor& keys_TGH,
              const at::Tensor& values_TGH) override;

 private:
  KvPool pool_;
};

/// For plain networks, on any device: rows are gathered from their blocks for every layer of every pass. Slow but
/// right. Takes dtype and device of what is appended.
class PagedTensorKv final : public BlockStore {
 public:
  explicit PagedTensorKv(int64_t blocks) : blocks_(blocks) {}

  void copy_block(int32_t from, int32_t to) override;
  View append(int64_t layer, int64_t sequence, int64_t past, const at::Tensor& keys_TGH,
              const at::Tensor& values_TGH) override;

 private:
  struct Layer {
    at::Tensor keys_CGH;  // C = all rows of all blocks
    at::Tensor values_CGH;
  };
  int64_t blocks_;
  std::vector<Layer> layers_;
};

/// Bytes of a block for this model.
int64_t block_bytes(const R1vModel& model, KvFormat format);
/// The store that this model's passes go on. `format` is a packed model's.
std::unique_ptr<BlockStore> make_block_store(const R1vModel& model, KvFormat format, int64_t blocks);

}  // namespace r1v

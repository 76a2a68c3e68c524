// Keys and values in blocks of 32 tokens: how a block's bytes lie, and how rows get there.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

namespace r1v {

enum class KvFormat { float32, bfloat16, int8 };
const char* format_name(KvFormat format);

constexpr int64_t kKvBlockTokens = 32;

/// One block and one key/value head: keys turned ([H, 32]: a vector holds one number of 16 tokens), then values
/// ([32, H]). For int8 what is added up lies in pairs, as products of integers want it: keys [H/2, 32, 2], values
/// [16, H, 2]; behind them a float32 scale for each token's key (32) and value (32): absmax / 127 of its H numbers.
struct KvLayout {
  KvFormat format = KvFormat::float32;
  int64_t num_layers = 0;
  int64_t num_kv_heads = 0;
  int64_t head_width = 0;  // a multiple of 16

  int64_t head_bytes() const;                                          // of one block and head
  int64_t layer_bytes() const { return num_kv_heads * head_bytes(); }  // of one block and layer
  int64_t block_bytes() const { return num_layers * layer_bytes(); }   // of one block
};

/// The memory of `blocks` blocks. Layer l, block b starts at (l * blocks + b) * layer_bytes. Untouched blocks cost no
/// memory of the machine.
class KvPool {
 public:
  KvPool(const KvLayout& layout, int64_t blocks);
  const KvLayout& layout() const { return layout_; }
  int64_t blocks() const { return blocks_; }
  uint8_t* at(int64_t layer, int64_t block) const;

  /// Copies a block in all layers (copy-on-write).
  void copy_block(int64_t from, int64_t to);
  /// Stores rows of one sequence: row t stands at position first + t of the sequence whose blocks are `table`.
  /// keys and values [T, G, H] float32, rows `stride` numbers apart.
  void write(int64_t layer, std::span<const int32_t> table, int64_t first, int64_t rows, const float* keys,
             const float* values, int64_t stride);
  /// What is stored of positions 0 .. count-1, as float32 [count, G, H]: for tests and for plain attention.
  struct Rows {
    at::Tensor keys_SGH, values_SGH;
  };
  Rows read(int64_t layer, std::span<const int32_t> table, int64_t count) const;

 private:
  KvLayout layout_;
  int64_t blocks_ = 0;
  at::Tensor memory_;  // uint8
};

}  // namespace r1v

// Products with packed weights for processors that multiply tiles (AMX): 16 rows by 16 outputs by 64 bytes of inputs at
// a time. A vector of a panel's step is a row of a tile as it lies.
//
// Integers: whole numbers are added exactly and scaled as the AVX-512 loops do, so both give the same bits. bfloat16:
// the two numbers of a pair have sums of their own within a tile, so every row of a product goes through tiles.
#include "kernels/packed_product_body.h"

namespace r1v {
namespace {

constexpr int64_t kTileRows = 16, kTileSteps = 16, kTileBytes = 64;
constexpr int64_t kFewRows = 8;                       // below, tiles of integers are mostly air
constexpr int64_t kPartialBytes = kPanelOutputs * 4;  // from row to row of sums

/// Tiles 0 to 3 hold the sums of the panel's vectors, 4 the rows and 5 the weights of sixteen steps; 6 and 7 those of
/// the `last_steps` that may be left.
class Tiles {
 public:
  Tiles(int64_t rows, int64_t last_steps) {
    for (int tile = 0; tile < 5; ++tile) shape(tile, rows, kTileBytes);
    shape(5, kTileSteps, kTileBytes);
    shape(6, rows, last_steps * 4);
    shape(7, last_steps, kTileBytes);
    asm volatile("ldtilecfg %0" : : "m"(config_));  // the intrinsic of GCC 12 names the first 8 bytes only
  }
  ~Tiles() { _tile_release(); }
  Tiles(const Tiles&) = delete;
  Tiles& operator=(const Tiles&) = delete;

 private:
  void shape(int tile, int64_t rows, int64_t bytes) {
    config_.row_bytes[tile] = static_cast<uint16_t>(bytes);
    config_.rows[tile] = static_cast<uint8_t>(rows);
  }

  struct alignas(64) {
    uint8_t palette = 1;
    uint8_t start_row = 0;
    uint8_t reserved[14] = {};
    uint16_t row_bytes[16] = {};
    uint8_t rows[16] = {};
  } config_;
};

/// The intrinsics that read memory do not tell the compiler so.
R1V_INLINE void written_before_tiles_read() { asm volatile("" : : : "memory"); }

R1V_INLINE void clear_sums() {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
}

R1V_INLINE void load_sums(const void* from) {
  const auto* const vectors = static_cast<const uint8_t*>(from);
  written_before_tiles_read();
  _tile_loadd(0, vectors, kPartialBytes);
  _tile_loadd(1, vectors + kVectorBytes, kPartialBytes);
  _tile_loadd(2, vectors + 2 * kVectorBytes, kPartialBytes);
  _tile_loadd(3, vectors + 3 * kVectorBytes, kPartialBytes);
}

R1V_INLINE void store_sums(void* to) {
  auto* const vectors = static_cast<uint8_t*>(to);
  _tile_stored(0, vectors, kPartialBytes);
  _tile_stored(1, vectors + kVectorBytes, kPartialBytes);
  _tile_stored(2, vectors + 2 * kVectorBytes, kPartialBytes);
  _tile_stored(3, vectors + 3 * kVectorBytes, kPartialBytes);
}

// Tile numbers are part of an instruction's text: a macro, not a function.
#define R1V_ADD_TILES(is_bfloat16, sums, rows, weights) \
  if constexpr (is_bfloat16)                            \
    _tile_dpbf16ps(sums, rows, weights);                \
  else                                                  \
    _tile_dpbsud(sums, rows, weights)
#define R1V_ADD_STEPS(is_bfloat16, rows, weights, x, x_stride, panel) \
  _tile_loadd(rows, x, x_stride);                                     \
  _tile_loadd(weights, panel, kStepBytes);                            \
  R1V_ADD_TILES(is_bfloat16, 0, rows, weights);                       \
  _tile_loadd(weights, (panel) + kVectorBytes, kStepBytes);           \
  R1V_ADD_TILES(is_bfloat16, 1, rows, weights);                       \
  _tile_loadd(weights, (panel) + 2 * kVectorBytes, kStepBytes);       \
  R1V_ADD_TILES(is_bfloat16, 2, rows, weights);                       \
  _tile_loadd(weights, (panel) + 3 * kVectorBytes, kStepBytes);       \
  R1V_ADD_TILES(is_bfloat16, 3, rows, weights)

/// sums += rows times `steps` steps; those beyond whole tiles are as many as the tiles' last ones.
template <bool is_bfloat16>
R1V_INLINE void add_tiles(const uint8_t* panel, int64_t steps, const uint32_t* x, int64_t x_stride_bytes) {
  written_before_tiles_read();
  for (; steps >= kTileSteps; steps -= kTileSteps, panel += kTileSteps * kStepBytes, x += kTileSteps) {
    R1V_ADD_STEPS(is_bfloat16, 4, 5, x, x_stride_bytes, panel);
  }
  if (steps > 0) {
    R1V_ADD_STEPS(is_bfloat16, 6, 7, x, x_stride_bytes, panel);
  }
}

#undef R1V_ADD_STEPS
#undef R1V_ADD_TILES

/// Calls work(first, count, rows of a tile) for the rows that fill tiles, and for those that are left.
template <typename Work>
void each_height(int64_t rows, const Work& work) {
  const int64_t whole = rows / kTileRows * kTileRows;
  if (whole > 0) work(0, whole, kTileRows);
  if (rows > whole) work(whole, rows - whole, rows - whole);
}

/// y of some rows from sums [rows, 64].
void finish_rows(const PanelTask& task, int64_t first, int64_t rows, const float* sums) {
  for (int64_t row = 0; row < rows; ++row, sums += kPanelOutputs) {
    const Floats loaded[1][kVectorsAPanel] = {{load_floats(sums), load_floats(sums + kVectorOutputs),
                                               load_floats(sums + 2 * kVectorOutputs),
                                               load_floats(sums + 3 * kVectorOutputs)}};
    finish<1, kVectorsAPanel>({task, first + row, 0}, loaded);
  }
}

void multiply_bfloat_tiles(const PanelTask& task) {
  const int64_t steps = task.layout->panel_bytes / kStepBytes, stride = task.x.word_stride;
  const int64_t last_steps = steps % kTileSteps, most = task.rows > kTileRows ? kStepsAPass : steps;
  each_height(task.rows, [&](int64_t first, int64_t count, int64_t height) {
    const Tiles tiles(height, last_steps == 0 ? kTileSteps : last_steps);
    for (int64_t begin = 0; begin < steps; begin += most) {
      const int64_t end = begin + most < steps ? begin + most : steps;
      for (int64_t row = first; row < first + count; row += height) {
        float* const sums = task.partial + row * kPanelOutputs;
        begin == 0 ? clear_sums() : load_sums(sums);
        add_tiles<true>(task.panel + begin * kStepBytes, end - begin, task.x.words + row * stride + begin, stride * 4);
        store_sums(sums);
        if (end == steps) finish_rows(task, row, height, sums);
      }
    }
  });
}

/// The weights of a group of activations as bytes, in steps.
R1V_INLINE const uint8_t* as_bytes(Bytes, const uint8_t* weight, int64_t, uint8_t*) { return weight; }
R1V_INLINE const uint8_t* as_bytes(Nibbles, const uint8_t* weight, int64_t steps, uint8_t* room) {
  for (int64_t step = 0; step < steps; step += 2, weight += kStepBytes) {
    for (int64_t vector = 0; vector < kStepBytes; vector += kVectorBytes) {
      uint8_t* const to = room + step * kStepBytes + vector;
      const Ints words = load_ints(weight + vector);
      _mm512_store_si512(to, Nibbles::step<0>(words).bytes);
      _mm512_store_si512(to + kStepBytes, Nibbles::step<1>(words).bytes);
    }
  }
  return room;
}

/// totals [rows, 64] (+)= scales * row scales * (sums of products without what the zero points add).
R1V_INLINE void add_scaled(const GroupScales<kVectorsAPanel>& group, const PreparedRows& row, int64_t rows,
                           const int32_t* sums, bool is_first, float* totals) {
  for (int64_t r = 0; r < rows; ++r) {
    const Ints row_sum = all_ints(row.sums[r * row.group_stride]);
    const Floats row_scale = all_floats(row.scales[r * row.group_stride]);
#pragma GCC unroll 4
    for (int64_t p = 0; p < kVectorsAPanel; ++p) {
      const int64_t at = r * kPanelOutputs + p * kVectorOutputs;
      const Ints sum = add(load_ints(sums + at), multiply(group.zeros[p], row_sum));
      const Floats before = is_first ? no_floats() : load_floats(totals + at);
      store_floats(totals + at, multiply_add(to_floats(sum), multiply(group.scales[p], row_scale), before));
    }
  }
}

template <typename Numbers>
void multiply_integer_tiles(const PanelTask& task) {
  if (task.rows < kFewRows) return multiply_integers<Numbers>(task);
  constexpr int64_t kMostSteps = 32, kHalfTile = kTileSteps / 2;  // 128 inputs; 32 inputs beyond a multiple of 64
  const PanelLayout& layout = *task.layout;
  alignas(64) uint8_t room[kMostSteps * kStepBytes];
  alignas(64) int32_t sums[kTileRows * kPanelOutputs];
  each_height(task.rows, [&](int64_t first, int64_t count, int64_t height) {
    const Tiles tiles(height, kHalfTile);
    const uint8_t* weight = task.panel;
    PreparedRows x = task.x;
    for (int64_t begin = 0; begin < layout.inputs; begin += layout.group) {
      const auto scales = load_scales<Numbers, kVectorsAPanel>(layout, weight, 0);
      weight += layout.numbers_offset;
      for (int64_t at = 0; at < layout.group; at += layout.activation_group, ++x.scales, ++x.sums) {
        const int64_t left = layout.group - at,
                      inputs = left < layout.activation_group ? left : layout.activation_group;
        const int64_t steps = inputs / 4;
        const uint8_t* const bytes = as_bytes(Numbers{}, weight, steps, room);
        for (int64_t row = first; row < first + count; row += height) {
          clear_sums();
          add_tiles<false>(bytes, steps, x.words + row * x.word_stride, x.word_stride * 4);
          store_sums(sums);
          PreparedRows rows = x;
          rows.scales += row * x.group_stride;
          rows.sums += row * x.group_stride;
          add_scaled(scales, rows, height, sums, begin + at == 0, task.partial + row * kPanelOutputs);
        }
        x.words += steps;
        weight += steps / Numbers::kStepsAVector * kStepBytes;
      }
    }
    finish_rows(task, first, count, task.partial + first * kPanelOutputs);
  });
}

}  // namespace

constinit const ProductLoops kBfloatProductAmx = {"amx bfloat16 weights and activations", 2, false, prepare_pairs,
                                                  multiply_bfloat_tiles};
constinit const ProductLoops kInt8ProductAmx = {"amx int8 weights and activations", 4, true, prepare_bytes,
                                                multiply_integer_tiles<Bytes>};
constinit const ProductLoops kInt4ProductAmx = {"amx int4 weights, int8 activations", 4, true, prepare_bytes,
                                                multiply_integer_tiles<Nibbles>};

}  // namespace r1v

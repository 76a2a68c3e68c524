// The inner loops of products with packed weights, included by one file for each instruction set.
//
// Every sum runs over the inputs in order, in one register: how many rows or panels share a pass, and where a pass
// stops and resumes, cannot change it. Integers are added exactly within a group, then group by group.
#pragma once

#include "kernels/packed_product_loops.h"
#include "kernels/packed_product_vectors.h"

namespace r1v {
namespace {

constexpr int kMostRows = 6;
constexpr int64_t kVectorBytes = 64;
constexpr int64_t kBytesAhead = 1024;
constexpr int64_t kStepsAPart = 32;
constexpr int64_t kStepsAPass = 512;  // 4 panels of these fill 128 KiB, which stay in the second cache for all rows

/// Into the second cache: the first one holds too few requests at a time for the latency of memory.
R1V_INLINE void prefetch(const uint8_t* at) { _mm_prefetch(reinterpret_cast<const char*>(at), _MM_HINT_T1); }

/// How far ahead of `offset` in a panel to fetch: near the end of a panel come the first bytes of the next pass's.
R1V_INLINE int64_t bytes_ahead(int64_t offset, int64_t panel_bytes, int panels) {
  return offset + kBytesAhead < panel_bytes ? kBytesAhead : kBytesAhead + (panels - 1) * panel_bytes;
}

/// How many panels a pass over `rows` rows takes, when each sum needs `registers` registers.
constexpr int panels_a_pass(int rows, int registers) {
  const int most = kRegisterSums / (rows * registers);
  return most >= 4 ? 4 : most >= 2 ? 2 : 1;
}

/// A stretch of panels beside each other.
struct Stream {
  const uint8_t* weight;  // of the first panel
  int64_t bytes;          // of each
  int64_t panel_bytes;
  int64_t ahead;
};

/// The panels of one pass: `count` panels at `first`, for rows from `row` on.
struct Pass {
  const PanelTask& task;
  int64_t row;
  int64_t first;
};

template <int rows, int panels>
R1V_INLINE void finish(const Pass& pass, const Floats (&sums)[rows][panels]) {
  const PanelTask& task = pass.task;
#pragma GCC unroll 6
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
    for (int p = 0; p < panels; ++p) {
      const int64_t output = (pass.first + p) * kPanelOutputs, left = task.num_outputs - output;
      float* const y = task.y + (pass.row + r) * task.y_stride + output;
      const float* const bias = task.bias == nullptr ? nullptr : task.bias + output;
      if (left >= kPanelOutputs) {
        Floats value = sums[r][p];
        if (bias != nullptr) value = add(value, load_floats(bias));
        if (task.adds) value = add(value, load_floats(y));
        store_floats(y, value);
      } else {
        float part[kPanelOutputs];
        store_floats(part, sums[r][p]);
        for (int64_t o = 0; o < left; ++o) {
          float value = part[o];
          if (bias != nullptr) value += bias[o];
          y[o] = task.adds ? value + y[o] : value;
        }
      }
    }
  }
}

// ---- float32 and bfloat16: one chain of multiply-adds over all inputs

/// Numbers that are floats as they are.
struct PlainFloats {
  static constexpr int kWordsAStep = 1;  // words of x for one vector of weights
  template <int part>
  R1V_INLINE static Floats add_product(Floats sums, Floats weights, uint32_t x) {
    return multiply_add(weights, as_floats(all_ints(static_cast<int32_t>(x))), sums);
  }
};

/// Pairs of bfloat16 that become floats: an earlier input in the lower half.
struct WidenedPairs {
  static constexpr int kWordsAStep = 2;
  template <int part>
  R1V_INLINE static Floats add_product(Floats sums, Floats weights, uint32_t x) {
    const Ints words = as_ints(weights);
    const Ints wide = part == 0 ? shift_left<16>(words) : both(words, all_ints(static_cast<int32_t>(0xFFFF0000u)));
    return multiply_add(as_floats(wide), as_floats(all_ints(static_cast<int32_t>(x))), sums);
  }
};

struct Steps {
  int64_t begin, end;
  bool is_last;
};

template <typename Numbers, int part, int rows, int panels>
R1V_INLINE void add_word(Floats (&sums)[rows][panels], const Floats (&weights)[panels], const uint32_t* x,
                         int64_t stride) {
#pragma GCC unroll 6
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
    for (int p = 0; p < panels; ++p) {
      sums[r][p] = Numbers::template add_product<part>(sums[r][p], weights[p], x[r * stride]);
    }
  }
}

template <typename Numbers, int rows, int panels>
R1V_INLINE void add_steps(Floats (&sums)[rows][panels], const Stream& stream, const uint32_t* x, int64_t stride) {
  const uint8_t* const end = stream.weight + stream.bytes;
  for (const uint8_t* weight = stream.weight; weight != end; weight += kVectorBytes, x += Numbers::kWordsAStep) {
    Floats weights[panels];
#pragma GCC unroll 4
    for (int p = 0; p < panels; ++p) {
      weights[p] = load_floats(weight + p * stream.panel_bytes);
      prefetch(weight + p * stream.panel_bytes + stream.ahead);
    }
    add_word<Numbers, 0>(sums, weights, x, stride);
    if constexpr (Numbers::kWordsAStep == 2) add_word<Numbers, 1>(sums, weights, x + 1, stride);
  }
}

template <typename Numbers, int rows, int panels>
void chain_pass(const Pass& pass, const Steps& steps) {
  const PanelTask& task = pass.task;
  const int64_t panel_bytes = task.layout->panel_bytes, stride = task.x.word_stride;
  float* const partial = task.partial + (pass.row * kPanelsATask + pass.first) * kPanelOutputs;
  Floats sums[rows][panels];
#pragma GCC unroll 6
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
    for (int p = 0; p < panels; ++p) {
      sums[r][p] = steps.begin == 0 ? no_floats() : load_floats(partial + (r * kPanelsATask + p) * kPanelOutputs);
    }
  }
  const uint8_t* const panel = task.panels + pass.first * panel_bytes;
  const uint32_t* x = task.x.words + pass.row * stride;
  for (int64_t step = steps.begin; step < steps.end;) {  // in parts, so that the inner loop knows where to fetch ahead
    const int64_t end = step + kStepsAPart < steps.end ? step + kStepsAPart : steps.end;
    const Stream stream{.weight = panel + step * kVectorBytes,
                        .bytes = (end - step) * kVectorBytes,
                        .panel_bytes = panel_bytes,
                        .ahead = bytes_ahead(end * kVectorBytes, panel_bytes, panels)};
    add_steps<Numbers>(sums, stream, x + step * Numbers::kWordsAStep, stride);
    step = end;
  }
  if (steps.is_last) return finish(pass, sums);
#pragma GCC unroll 6
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
    for (int p = 0; p < panels; ++p) store_floats(partial + (r * kPanelsATask + p) * kPanelOutputs, sums[r][p]);
  }
}

/// `rows` rows (or the fewer that are left), all panels.
template <typename Numbers, int rows>
void chain_rows(const PanelTask& task, int64_t row, const Steps& steps) {
  if constexpr (rows > 1) {
    if (task.rows - row < rows) return chain_rows<Numbers, rows - 1>(task, row, steps);
  }
  constexpr int panels = panels_a_pass(rows, 1);
  const int64_t num_panels = (task.num_outputs + kPanelOutputs - 1) / kPanelOutputs;
  int64_t first = 0;
  for (; first + panels <= num_panels; first += panels) chain_pass<Numbers, rows, panels>({task, row, first}, steps);
  for (; first < num_panels; ++first) chain_pass<Numbers, rows, 1>({task, row, first}, steps);
}

template <typename Numbers>
void multiply_chains(const PanelTask& task) {
  const int64_t all = task.layout->panel_bytes / kVectorBytes, most = task.rows > kMostRows ? kStepsAPass : all;
  for (int64_t begin = 0; begin < all; begin += most) {
    const int64_t end = begin + most < all ? begin + most : all;
    for (int64_t row = 0; row < task.rows; row += kMostRows) {
      chain_rows<Numbers, kMostRows>(task, row, {begin, end, end == all});
    }
  }
}

/// Copies floats; an odd input gets a zero beside it, as bfloat16 pairs have.
inline void prepare_floats(const PanelLayout& layout, const float* x, const PreparedRows& row) {
  __builtin_memcpy(row.words, x, static_cast<size_t>(layout.inputs) * sizeof(float));
  if (layout.inputs % 2 != 0) row.words[layout.inputs] = 0;
}

// ---- int8 and int4

/// One vector of weights holds one step.
struct Bytes {
  static constexpr int kStepsAVector = 1;
  static constexpr int32_t kBias = EightBits::kBias;
  template <int>
  R1V_INLINE static EightBits step(Ints vector) {
    return eight_bits(vector);
  }
};

/// Two steps: lower and upper halves of the bytes.
struct Nibbles {
  static constexpr int kStepsAVector = 2;
  static constexpr int32_t kBias = FourBits::kBias;
  template <int part>
  R1V_INLINE static FourBits step(Ints vector) {
    return {both(part == 0 ? vector : shift_right<4>(vector), all_ints(0x0F0F0F0F))};
  }
};

template <typename Numbers, int part, int rows, int panels>
R1V_INLINE void add_dots(Ints (&sums)[rows][panels], const Ints (&vectors)[panels], const uint32_t* x, int64_t stride) {
  decltype(Numbers::template step<part>(vectors[0])) weights[panels];
#pragma GCC unroll 4
  for (int p = 0; p < panels; ++p) weights[p] = Numbers::template step<part>(vectors[p]);
#pragma GCC unroll 6
  for (int r = 0; r < rows; ++r) {
    const Ints four = all_ints(static_cast<int32_t>(x[r * stride]));
#pragma GCC unroll 4
    for (int p = 0; p < panels; ++p) sums[r][p] = dot(sums[r][p], weights[p], four);
  }
}

/// Scales and zero points of one group of weights, and where its numbers are.
template <int panels>
struct GroupScales {
  Floats scales[panels];
  Ints zeros[panels];  // what the dot products took away too little, times -1
};

template <typename Numbers, int panels>
R1V_INLINE GroupScales<panels> load_scales(const PanelLayout& layout, const uint8_t* group) {
  GroupScales<panels> loaded;
#pragma GCC unroll 4
  for (int p = 0; p < panels; ++p, group += layout.panel_bytes) {
    loaded.scales[p] = layout.half_scales ? load_halves(group) : load_floats(group);
    const Ints zeros = load_bytes(layout.has_zeros ? group + layout.zeros_offset : layout.common_zeros);
    loaded.zeros[p] = subtract(all_ints(Numbers::kBias), zeros);
  }
  return loaded;
}

/// sums[part] += the products of the stream.
template <typename Numbers, int rows, int panels, int parts>
R1V_INLINE void add_inputs(Ints (&sums)[parts][rows][panels], const Stream& stream, const uint32_t* x, int64_t stride) {
  const uint8_t* const end = stream.weight + stream.bytes;
  for (const uint8_t* weight = stream.weight; weight != end; weight += kVectorBytes, x += Numbers::kStepsAVector) {
    Ints vectors[panels];
#pragma GCC unroll 4
    for (int p = 0; p < panels; ++p) {
      vectors[p] = load_ints(weight + p * stream.panel_bytes);
      prefetch(weight + p * stream.panel_bytes + stream.ahead);
    }
    add_dots<Numbers, 0>(sums[0], vectors, x, stride);
    if constexpr (Numbers::kStepsAVector == 2) add_dots<Numbers, 1>(sums[parts - 1], vectors, x + 1, stride);
  }
}

/// One group of activations: totals += scales * row scales * (sums of products without what the zero points add).
template <typename Numbers, int rows, int panels>
R1V_INLINE void add_group(Floats (&totals)[rows][panels], const GroupScales<panels>& group, const Stream& stream,
                          const PreparedRows& row) {
  constexpr int parts = rows == 1 ? Numbers::kStepsAVector : 1;  // one row alone would wait for each sum
  Ints sums[parts][rows][panels];
#pragma GCC unroll 6
  for (int r = 0; r < rows; ++r) {
    const Ints row_sum = all_ints(row.sums[r * row.group_stride]);
#pragma GCC unroll 4
    for (int p = 0; p < panels; ++p) {
      sums[0][r][p] = multiply(group.zeros[p], row_sum);
      if constexpr (parts == 2) sums[1][r][p] = no_ints();
    }
  }
  add_inputs<Numbers>(sums, stream, row.words, row.word_stride);
#pragma GCC unroll 6
  for (int r = 0; r < rows; ++r) {
    const Floats row_scale = all_floats(row.scales[r * row.group_stride]);
#pragma GCC unroll 4
    for (int p = 0; p < panels; ++p) {
      const Ints sum = parts == 2 ? add(sums[0][r][p], sums[parts - 1][r][p]) : sums[0][r][p];
      totals[r][p] = multiply_add(to_floats(sum), multiply(group.scales[p], row_scale), totals[r][p]);
    }
  }
}

template <typename Numbers, int rows, int panels>
void integer_pass(const Pass& pass) {
  const PanelLayout& layout = *pass.task.layout;
  const uint8_t* const panel = pass.task.panels + pass.first * layout.panel_bytes;
  PreparedRows row = pass.task.x;
  row.words += pass.row * row.word_stride;
  row.scales += pass.row * row.group_stride;
  row.sums += pass.row * row.group_stride;
  Floats totals[rows][panels];
#pragma GCC unroll 6
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
    for (int p = 0; p < panels; ++p) totals[r][p] = no_floats();
  }
  for (int64_t begin = 0, offset = 0; begin < layout.inputs; begin += layout.group) {
    const GroupScales<panels> group = load_scales<Numbers, panels>(layout, panel + offset);
    offset += layout.numbers_offset;
    for (int64_t at = 0; at < layout.group; at += layout.activation_group, ++row.scales, ++row.sums) {
      const int64_t left = layout.group - at, count = left < layout.activation_group ? left : layout.activation_group;
      const int64_t bytes = count / 4 / Numbers::kStepsAVector * kVectorBytes, end = offset + bytes;
      add_group<Numbers>(totals, group,
                         {.weight = panel + offset,
                          .bytes = bytes,
                          .panel_bytes = layout.panel_bytes,
                          .ahead = bytes_ahead(end, layout.panel_bytes, panels)},
                         row);
      row.words += count / 4;
      offset = end;
    }
  }
  finish(pass, totals);
}

template <typename Numbers, int rows>
void integer_rows(const PanelTask& task, int64_t row) {
  if constexpr (rows > 1) {
    if (task.rows - row < rows) return integer_rows<Numbers, rows - 1>(task, row);
  }
  constexpr int panels = panels_a_pass(rows, 2);
  const int64_t num_panels = (task.num_outputs + kPanelOutputs - 1) / kPanelOutputs;
  int64_t first = 0;
  for (; first + panels <= num_panels; first += panels) integer_pass<Numbers, rows, panels>({task, row, first});
  for (; first < num_panels; ++first) integer_pass<Numbers, rows, 1>({task, row, first});
}

template <typename Numbers>
void multiply_integers(const PanelTask& task) {
  constexpr int kRows = kMostRows * 2 <= kRegisterSums ? kMostRows : kRegisterSums / 2;
  for (int64_t row = 0; row < task.rows; row += kRows) integer_rows<Numbers, kRows>(task, row);
}

/// Whole numbers of -127..127 with a scale for each group. A group of zeros (or of less than 1e-30) becomes zeros; one
/// that holds an infinity or NaN gets NaN as scale.
inline void prepare_bytes(const PanelLayout& layout, const float* x, const PreparedRows& row) {
  auto* to = reinterpret_cast<uint8_t*>(row.words);
  int64_t group = 0;
  for (int64_t begin = 0; begin < layout.inputs; begin += layout.group) {
    for (int64_t at = 0; at < layout.group; at += layout.activation_group, ++group) {
      const int64_t left = layout.group - at, count = left < layout.activation_group ? left : layout.activation_group;
      Ints most = no_ints();  // floats without sign are in the order of their bits, NaN last
      for (int64_t i = 0; i < count; i += kPanelOutputs) {
        most = larger(most, both(load_ints(x + i), all_ints(0x7FFFFFFF)));
      }
      const int32_t bits = largest(most);
      float absolute;
      __builtin_memcpy(&absolute, &bits, sizeof(absolute));
      const Floats inverse = all_floats(absolute > 1e-30f ? 127.0f / absolute : 0.0f);
      Ints sums = no_ints();
      for (int64_t i = 0; i < count; i += kPanelOutputs) {
        const Ints rounded = to_nearest(multiply(load_floats(x + i), inverse));
        sums = add(sums, rounded);
        store_as_bytes(to + i, rounded);
      }
      row.scales[group] = bits < 0x7F800000 ? absolute / 127.0f : __builtin_nanf("");
      row.sums[group] = sum(sums);
      x += count;
      to += count;
    }
  }
}

}  // namespace
}  // namespace r1v

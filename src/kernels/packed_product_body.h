// The inner loops of products with packed weights, included by one file for each instruction set.
//
// Every sum runs over the inputs in order, in one register: how many rows or vectors share a pass, and where a pass
// stops and resumes, cannot change it. Integers are added exactly within a group, then group by group.
#pragma once

#include "kernels/packed_product_loops.h"
#include "kernels/packed_product_vectors.h"

namespace r1v {
namespace {

constexpr int64_t kVectorsAPanel = kPanelOutputs / kVectorOutputs;
constexpr int kMostRows = 6;
constexpr int64_t kVectorBytes = 64;
constexpr int64_t kStepBytes = 4 * kVectorBytes;
constexpr int64_t kBytesAhead = 1024;
constexpr int64_t kStepsAPass = 512;  // 128 KiB of a panel, which stay in the second cache for all rows

/// How many vectors a pass over `rows` rows takes, when each sum needs `registers` registers.
constexpr int vectors_a_pass(int rows, int registers) {
  const int most = kRegisterSums / (rows * registers);
  return most >= 4 ? 4 : most >= 2 ? 2 : 1;
}

/// Some vectors of a panel, from `first` on, for rows from `row` on.
struct Pass {
  const PanelTask& task;
  int64_t row;
  int64_t first;
  bool comes_first() const { return row == 0 && first == 0; }
};

/// A stretch of a panel, from the first vector of a pass on. The first pass that comes by fetches for all of them.
struct Stretch {
  const uint8_t* weight;
  int64_t steps;
  bool fetches;
};

/// What will be needed at `weight` soon, into the second cache: the first one waits for too few lines at a time.
R1V_INLINE void fetch(const uint8_t* weight) {
#pragma GCC unroll 4
  for (int64_t vector = 0; vector < kVectorsAPanel; ++vector) {
    _mm_prefetch(reinterpret_cast<const char*>(weight + vector * kVectorBytes + kBytesAhead), _MM_HINT_T1);
  }
}

template <int rows, int vectors>
R1V_INLINE void finish(const Pass& pass, const Floats (&sums)[rows][vectors]) {
  const PanelTask& task = pass.task;
#pragma GCC unroll 6
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
    for (int p = 0; p < vectors; ++p) {
      const int64_t output = (pass.first + p) * kVectorOutputs, left = task.num_outputs - output;
      float* const y = task.y + (pass.row + r) * task.y_stride + output;
      const float* const bias = task.bias == nullptr ? nullptr : task.bias + output;
      if (left >= kVectorOutputs) {
        Floats value = sums[r][p];
        if (bias != nullptr) value = add(value, load_floats(bias));
        if (task.adds) value = add(value, load_floats(y));
        store_floats(y, value);
      } else {
        float part[kVectorOutputs];
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

template <typename Numbers, int part, int rows, int vectors>
R1V_INLINE void add_word(Floats (&sums)[rows][vectors], const Floats (&weights)[vectors], const uint32_t* x,
                         int64_t stride) {
#pragma GCC unroll 6
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
    for (int p = 0; p < vectors; ++p) {
      sums[r][p] = Numbers::template add_product<part>(sums[r][p], weights[p], x[r * stride]);
    }
  }
}

template <typename Numbers, int rows, int vectors>
R1V_INLINE void add_steps(Floats (&sums)[rows][vectors], const Stretch& stretch, const uint32_t* x, int64_t stride) {
  const uint8_t* const end = stretch.weight + stretch.steps * kStepBytes;
  for (const uint8_t* weight = stretch.weight; weight != end; weight += kStepBytes, x += Numbers::kWordsAStep) {
    if (stretch.fetches) fetch(weight);
    Floats weights[vectors];
#pragma GCC unroll 4
    for (int p = 0; p < vectors; ++p) {
      weights[p] = load_floats(weight + p * kVectorBytes);
    }
    add_word<Numbers, 0>(sums, weights, x, stride);
    if constexpr (Numbers::kWordsAStep == 2) add_word<Numbers, 1>(sums, weights, x + 1, stride);
  }
}

template <typename Numbers, int rows, int vectors>
void chain_pass(const Pass& pass, const Steps& steps) {
  const PanelTask& task = pass.task;
  const int64_t stride = task.x.word_stride;
  float* const partial = task.partial + (pass.row * kVectorsAPanel + pass.first) * kVectorOutputs;
  Floats sums[rows][vectors];
#pragma GCC unroll 6
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
    for (int p = 0; p < vectors; ++p) {
      sums[r][p] = steps.begin == 0 ? no_floats() : load_floats(partial + (r * kVectorsAPanel + p) * kVectorOutputs);
    }
  }
  const uint32_t* const x = task.x.words + pass.row * stride + steps.begin * Numbers::kWordsAStep;
  const Stretch stretch{task.panel + steps.begin * kStepBytes + pass.first * kVectorBytes, steps.end - steps.begin,
                        pass.comes_first()};
  add_steps<Numbers>(sums, stretch, x, stride);
  if (steps.is_last) return finish(pass, sums);
#pragma GCC unroll 6
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
    for (int p = 0; p < vectors; ++p) store_floats(partial + (r * kVectorsAPanel + p) * kVectorOutputs, sums[r][p]);
  }
}

/// `rows` rows (or the fewer that are left), all vectors.
template <typename Numbers, int rows>
void chain_rows(const PanelTask& task, int64_t row, const Steps& steps) {
  if constexpr (rows > 1) {
    if (task.rows - row < rows) return chain_rows<Numbers, rows - 1>(task, row, steps);
  }
  constexpr int vectors = vectors_a_pass(rows, 1);
  const int64_t num_vectors = (task.num_outputs + kVectorOutputs - 1) / kVectorOutputs;
  int64_t first = 0;
  for (; first + vectors <= num_vectors; first += vectors)
    chain_pass<Numbers, rows, vectors>({task, row, first}, steps);
  for (; first < num_vectors; ++first) chain_pass<Numbers, rows, 1>({task, row, first}, steps);
}

template <typename Numbers>
void multiply_chains(const PanelTask& task) {
  const int64_t all = task.layout->panel_bytes / kStepBytes, most = task.rows > kMostRows ? kStepsAPass : all;
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

#ifdef __AVX512BF16__
/// Rounds to nearest, ties to even.
inline void prepare_pairs(const PanelLayout& layout, const float* x, const PreparedRows& row) {
  auto* const to = reinterpret_cast<uint16_t*>(row.words);
  for (int64_t i = 0; i < layout.inputs; i += 16) {
    const int64_t left = layout.inputs - i;
    const __mmask16 mask = left >= 16 ? 0xFFFF : static_cast<__mmask16>((1u << left) - 1);
    const __m256bh rounded = _mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, x + i));
    _mm256_mask_storeu_epi16(to + i, mask, reinterpret_cast<__m256i>(rounded));
  }
  if (layout.inputs % 2 != 0) to[layout.inputs] = 0;
}
#endif

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

template <typename Numbers, int part, int rows, int vectors>
R1V_INLINE void add_dots(Ints (&sums)[rows][vectors], const Ints (&words)[vectors], const uint32_t* x, int64_t stride) {
  decltype(Numbers::template step<part>(words[0])) weights[vectors];
#pragma GCC unroll 4
  for (int p = 0; p < vectors; ++p) weights[p] = Numbers::template step<part>(words[p]);
#pragma GCC unroll 6
  for (int r = 0; r < rows; ++r) {
    const Ints four = all_ints(static_cast<int32_t>(x[r * stride]));
#pragma GCC unroll 4
    for (int p = 0; p < vectors; ++p) sums[r][p] = dot(sums[r][p], weights[p], four);
  }
}

/// Scales and zero points of one group of weights, and where its numbers are.
template <int vectors>
struct GroupScales {
  Floats scales[vectors];
  Ints zeros[vectors];  // what the dot products took away too little, times -1
};

template <typename Numbers, int vectors>
R1V_INLINE GroupScales<vectors> load_scales(const PanelLayout& layout, const uint8_t* group, int64_t first) {
  GroupScales<vectors> loaded;
#pragma GCC unroll 4
  for (int p = 0; p < vectors; ++p) {
    const int64_t output = (first + p) * kVectorOutputs;
    loaded.scales[p] = layout.half_scales ? load_halves(group + output * 2) : load_floats(group + output * 4);
    const uint8_t* const zeros = layout.has_zeros ? group + layout.zeros_offset + output : layout.common_zeros;
    loaded.zeros[p] = subtract(all_ints(Numbers::kBias), load_bytes(zeros));
  }
  return loaded;
}

/// sums[part] += the products of a stretch.
template <typename Numbers, int rows, int vectors, int parts>
R1V_INLINE void add_inputs(Ints (&sums)[parts][rows][vectors], const Stretch& stretch, const uint32_t* x,
                           int64_t stride) {
  const uint8_t* const end = stretch.weight + stretch.steps * kStepBytes;
  for (const uint8_t* weight = stretch.weight; weight != end; weight += kStepBytes, x += Numbers::kStepsAVector) {
    if (stretch.fetches) fetch(weight);
    Ints words[vectors];
#pragma GCC unroll 4
    for (int p = 0; p < vectors; ++p) {
      words[p] = load_ints(weight + p * kVectorBytes);
    }
    add_dots<Numbers, 0>(sums[0], words, x, stride);
    if constexpr (Numbers::kStepsAVector == 2) add_dots<Numbers, 1>(sums[parts - 1], words, x + 1, stride);
  }
}

/// One group of activations: totals += scales * row scales * (sums of products without what the zero points add).
template <typename Numbers, int rows, int vectors>
R1V_INLINE void add_group(Floats (&totals)[rows][vectors], const GroupScales<vectors>& group, const Stretch& stretch,
                          const PreparedRows& row) {
  constexpr int parts = rows == 1 ? Numbers::kStepsAVector : 1;  // one row alone would wait for each sum
  Ints sums[parts][rows][vectors];
#pragma GCC unroll 6
  for (int r = 0; r < rows; ++r) {
    const Ints row_sum = all_ints(row.sums[r * row.group_stride]);
#pragma GCC unroll 4
    for (int p = 0; p < vectors; ++p) {
      sums[0][r][p] = multiply(group.zeros[p], row_sum);
      if constexpr (parts == 2) sums[1][r][p] = no_ints();
    }
  }
  add_inputs<Numbers>(sums, stretch, row.words, row.word_stride);
#pragma GCC unroll 6
  for (int r = 0; r < rows; ++r) {
    const Floats row_scale = all_floats(row.scales[r * row.group_stride]);
#pragma GCC unroll 4
    for (int p = 0; p < vectors; ++p) {
      const Ints sum = parts == 2 ? add(sums[0][r][p], sums[parts - 1][r][p]) : sums[0][r][p];
      totals[r][p] = multiply_add(to_floats(sum), multiply(group.scales[p], row_scale), totals[r][p]);
    }
  }
}

template <typename Numbers, int rows, int vectors>
void integer_pass(const Pass& pass) {
  const PanelLayout& layout = *pass.task.layout;
  const uint8_t* weight = pass.task.panel;
  PreparedRows row = pass.task.x;
  row.words += pass.row * row.word_stride;
  row.scales += pass.row * row.group_stride;
  row.sums += pass.row * row.group_stride;
  Floats totals[rows][vectors];
#pragma GCC unroll 6
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
    for (int p = 0; p < vectors; ++p) totals[r][p] = no_floats();
  }
  for (int64_t begin = 0; begin < layout.inputs; begin += layout.group) {
    const GroupScales<vectors> group = load_scales<Numbers, vectors>(layout, weight, pass.first);
    weight += layout.numbers_offset;
    for (int64_t at = 0; at < layout.group; at += layout.activation_group, ++row.scales, ++row.sums) {
      const int64_t left = layout.group - at, count = left < layout.activation_group ? left : layout.activation_group;
      const int64_t steps = count / 4 / Numbers::kStepsAVector;
      add_group<Numbers>(totals, group, {weight + pass.first * kVectorBytes, steps, pass.comes_first()}, row);
      row.words += count / 4;
      weight += steps * kStepBytes;
    }
  }
  finish(pass, totals);
}

template <typename Numbers, int rows>
void integer_rows(const PanelTask& task, int64_t row) {
  if constexpr (rows > 1) {
    if (task.rows - row < rows) return integer_rows<Numbers, rows - 1>(task, row);
  }
  constexpr int vectors = vectors_a_pass(rows, kSumsOfIntegers);
  const int64_t num_vectors = (task.num_outputs + kVectorOutputs - 1) / kVectorOutputs;
  int64_t first = 0;
  for (; first + vectors <= num_vectors; first += vectors) integer_pass<Numbers, rows, vectors>({task, row, first});
  for (; first < num_vectors; ++first) integer_pass<Numbers, rows, 1>({task, row, first});
}

template <typename Numbers>
void multiply_integers(const PanelTask& task) {
  constexpr int kRows = kRegisterSums / kSumsOfIntegers < kMostRows ? kRegisterSums / kSumsOfIntegers : kMostRows;
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
      for (int64_t i = 0; i < count; i += kVectorOutputs) {
        most = larger(most, both(load_ints(x + i), all_ints(0x7FFFFFFF)));
      }
      const int32_t bits = largest(most);
      float absolute;
      __builtin_memcpy(&absolute, &bits, sizeof(absolute));
      const Floats inverse = all_floats(absolute > 1e-30f ? 127.0f / absolute : 0.0f);
      Ints sums = no_ints();
      for (int64_t i = 0; i < count; i += kVectorOutputs) {
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

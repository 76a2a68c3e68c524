// Paged attention over one segment, included by one file for each instruction
// set.
//
// Scores of all rows against all keys of the segment, a softmax a row, then the
// weighted sum of values: a segment's scores fit the second-level cache, so
// nothing is rescaled on the way. Both products take a few rows at once against
// each vector of keys or values. Every number is a sum in the order of its
// inputs, whatever rows stand beside it, and nothing behind the last token that
// a row sees enters its sums.
//
// Everything has internal linkage, for the reason given in lanes.h, and vectors
// have the machine's own width.
#pragma once

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "kernels/paged_attention_loops.h"

namespace r1v {
namespace {

#define R1V_INLINE [[gnu::always_inline]] inline

#if defined(__AVX512F__)
constexpr int kWide = 16, kRowsAtOnce = 8;
#elif defined(__AVX2__)
constexpr int kWide = 8, kRowsAtOnce = 6;
#else
constexpr int kWide = 4, kRowsAtOnce = 4;
#endif
constexpr int64_t kBlock = 32;  // tokens

using Wide = float __attribute__((vector_size(4 * kWide)));
using WideWords = uint32_t __attribute__((vector_size(4 * kWide)));
using WideIntegers = int32_t __attribute__((vector_size(4 * kWide)));

R1V_INLINE Wide wide(float value) { return value - Wide{}; }

R1V_INLINE Wide load_wide(const float *from) {
  Wide lanes;
  __builtin_memcpy(&lanes, from, sizeof(lanes));
  return lanes;
}

// The AVX-512 forms have an explicit mask of all ones: without it g++ 12 warns
// of an undefined source in its own header.

/// bfloat16: the upper half of a float.
R1V_INLINE Wide load_wide(const uint16_t *from) {
#if defined(__AVX512F__)
  const __m256i half = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from));
  return reinterpret_cast<Wide>(reinterpret_cast<WideWords>(_mm512_maskz_cvtepu16_epi32(0xFFFF, half)) << 16);
#elif defined(__AVX2__)
  const __m128i half = _mm_loadu_si128(reinterpret_cast<const __m128i *>(from));
  return reinterpret_cast<Wide>(reinterpret_cast<WideWords>(_mm256_cvtepu16_epi32(half)) << 16);
#else
  return reinterpret_cast<Wide>(WideWords{from[0], from[1], from[2], from[3]} << 16);
#endif
}

R1V_INLINE Wide load_wide(const int8_t *from) {
#if defined(__AVX512F__)
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i *>(from));
  return __builtin_convertvector(reinterpret_cast<WideIntegers>(_mm512_maskz_cvtepi8_epi32(0xFFFF, bytes)), Wide);
#elif defined(__AVX2__)
  const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i *>(from));
  return __builtin_convertvector(reinterpret_cast<WideIntegers>(_mm256_cvtepi8_epi32(bytes)), Wide);
#else
  return __builtin_convertvector(WideIntegers{from[0], from[1], from[2], from[3]}, Wide);
#endif
}

R1V_INLINE void store_wide(float *to, Wide lanes) { __builtin_memcpy(to, &lanes, sizeof(lanes)); }

R1V_INLINE Wide lane_numbers() {
  Wide numbers;
  for (int i = 0; i < kWide; ++i) numbers[i] = static_cast<float>(i);
  return numbers;
}

/// 2^x to one unit in the last place for -126 <= x <= 0, 2^-126 below: 2^n (n
/// the nearest integer) times 2^r by a polynomial of least relative error on
/// |r| <= 1/2 (2e-9), exact at 0.
R1V_INLINE Wide power_of_two(Wide x) {
  x = x < wide(-126.0f) ? wide(-126.0f) : x;
  const Wide shifted = x + 0x1.8p23f;  // rounds to an integer, which stands in the low bits
  const Wide r = x - (shifted - 0x1.8p23f);
  constexpr float kCoefficients[] = {0x1.5f3e54p-10f, 0x1.3b2d4cp-7f, 0x1.c6aee8p-5f,
                                     0x1.ebfbdcp-3f,  0x1.62e430p-1f, 1.0f};
  Wide value = wide(0x1.41fbbcp-13f);
  for (const float coefficient : kCoefficients) value = value * r + coefficient;
  return reinterpret_cast<Wide>(reinterpret_cast<WideWords>(value) + (reinterpret_cast<WideWords>(shifted) << 23));
}

/// step(0) .. step(count - 1), always written out: an array indexed by a loop
/// would live in memory.
template <int kCount, typename Step>
R1V_INLINE void unrolled(const Step &step) {
#pragma GCC unroll 8
  for (int i = 0; i < kCount; ++i) step(i);
}

template <int kRows, int kVectors>
struct Sums {
  Wide at[kRows][kVectors];
};

/// Keys or values of a block. With kFetches the ones that will be read next,
/// `next` bytes away, are asked for on the way: memory answers slowly, and few
/// rows have little else to do.
template <typename StoredNumber, bool kFetchesNext>
struct Block {
  using Stored = StoredNumber;
  static constexpr bool kFetches = kFetchesNext;
  const Stored *at;
  int64_t next;
};

/// sums[r, j] += sum over i < depth of a[r, i] b[i, j], in the order of i.
template <int kRows, int kVectors, typename From>
R1V_INLINE void add_products(Sums<kRows, kVectors> &sums, const float *a, int64_t a_stride, From from, int64_t column,
                             int64_t b_stride, int64_t depth) {
  const typename From::Stored *b = from.at + column;
  for (int64_t i = 0; i < depth; ++i, b += b_stride) {
    Wide columns[kVectors];
    if constexpr (From::kFetches) {
      const char *const next = reinterpret_cast<const char *>(b) + from.next;
      constexpr int kBytes = kVectors * kWide * static_cast<int>(sizeof(*b));
      unrolled<(kBytes + 63) / 64>([&](int line) { __builtin_prefetch(next + line * 64, 0, 2); });
    }
    unrolled<kVectors>([&](int j) { columns[j] = load_wide(b + j * kWide); });
    unrolled<kRows>([&](int r) {
      const float x = a[r * a_stride + i];
      unrolled<kVectors>([&](int j) { sums.at[r][j] += x * columns[j]; });
    });
  }
}

template <int kValue>
struct Number {
  static constexpr int value = kValue;
};

/// Calls visit(first row, Number<rows>) for groups of at most kRowsAtOnce rows,
/// the last two of about one size.
template <typename Visit>
R1V_INLINE void each_rows(int64_t rows, const Visit &visit) {
  for (int64_t row = 0, count = 0; row < rows; row += count) {
    const int64_t left = rows - row;
    count = left <= kRowsAtOnce ? left : left < 2 * kRowsAtOnce ? (left + 1) / 2 : kRowsAtOnce;
    switch (count) {
      case 1:
        visit(row, Number<1>{});
        break;
      case 2:
        visit(row, Number<2>{});
        break;
      case 3:
        visit(row, Number<3>{});
        break;
      case 4:
        visit(row, Number<4>{});
        break;
#if defined(__AVX2__)
      case 5:
        visit(row, Number<5>{});
        break;
      case 6:
        visit(row, Number<6>{});
        break;
#endif
#if defined(__AVX512F__)
      case 7:
        visit(row, Number<7>{});
        break;
      case 8:
        visit(row, Number<8>{});
        break;
#endif
      default:
        __builtin_unreachable();
    }
  }
}

/// scores[rows, 32] = q[rows, width] keys[width, 32], times a scale for each
/// key if there are.
template <typename From>
void score_block(const float *q, int64_t width, int64_t rows, From keys, const float *key_scales, float *scores) {
  each_rows(rows, [&]<int kRows>(int64_t row, Number<kRows>) {
    for (int64_t column = 0; column < kBlock; column += 2 * kWide) {
      Sums<kRows, 2> sums{};
      add_products(sums, q + row * width, width, keys, column, kBlock, width);
      unrolled<2>([&](int j) {
        const int64_t at = column + j * kWide;
        const Wide scale = key_scales != nullptr ? load_wide(key_scales + at) : wide(1.0f);
        unrolled<kRows>([&](int r) { store_wide(scores + (row + r) * kBlock + at, sums.at[r][j] * scale); });
      });
    }
  });
}

template <int kRows, int kVectors, typename From>
R1V_INLINE void add_values_panel(const float *weights, From values, int64_t column, int64_t width, int64_t depth,
                                 float *out) {
  Sums<kRows, kVectors> sums;
  unrolled<kRows>(
      [&](int r) { unrolled<kVectors>([&](int j) { sums.at[r][j] = load_wide(out + r * width + j * kWide); }); });
  add_products(sums, weights, kBlock, values, column, width, depth);
  unrolled<kRows>(
      [&](int r) { unrolled<kVectors>([&](int j) { store_wide(out + r * width + j * kWide, sums.at[r][j]); }); });
}

/// out[rows, width] += weights[rows, 32] values[depth, width].
template <typename From>
void add_values(const float *weights, int64_t rows, From values, int64_t width, int64_t depth, float *out) {
  each_rows(rows, [&]<int kRows>(int64_t row, Number<kRows>) {
    int64_t column = 0;
    for (; column + 2 * kWide <= width; column += 2 * kWide) {
      add_values_panel<kRows, 2>(weights + row * kBlock, values, column, width, depth, out + row * width + column);
    }
    if (column < width) {
      add_values_panel<kRows, 1>(weights + row * kBlock, values, column, width, depth, out + row * width + column);
    }
  });
}

/// One segment of one task; Stored is float, uint16_t (bfloat16) or int8_t.
template <typename Stored>
class Segment {
 public:
  R1V_INLINE explicit Segment(const PagedSegment &task)
      : task_(task),
        heads_(task.rows * task.group),
        queries_(task.scratch),
        block_(queries_ + heads_ * task.width),
        scores_(block_ + kBlock * task.width) {}

  R1V_INLINE void run() {
    pack_queries();
    const int64_t blocks = (seen(task_.rows - 1) + kBlock - 1) / kBlock;
    for (int64_t b = 0; b < blocks; ++b) score(b, b + 1 < blocks ? keys(b + 1) : values(0));
    for (int64_t row = row_seeing(1); row < task_.rows; ++row) {
      for (int64_t head = row * task_.group; head < (row + 1) * task_.group; ++head) softmax(head, seen(row));
    }
    for (int64_t i = 0; i < heads_ * task_.width; i += kWide) store_wide(task_.to.out + i, Wide{});
    for (int64_t b = 0; b < blocks; ++b) add(b, values(b + 1 < blocks ? b + 1 : b));
  }

 private:
  static constexpr bool kIsScaled = sizeof(Stored) == 1;

  int64_t seen(int64_t row) const {
    const int64_t seen = task_.seen + row;
    return seen < 0 ? 0 : seen < kSegmentTokens ? seen : kSegmentTokens;
  }
  /// The first row that sees `tokens` (at most 1024) tokens of the segment.
  int64_t row_seeing(int64_t tokens) const {
    const int64_t row = tokens - task_.seen;
    return row < 0 ? 0 : row < task_.rows ? row : task_.rows;
  }
  const Stored *keys(int64_t b) const {
    return reinterpret_cast<const Stored *>(task_.keys + task_.table[b] * task_.block_stride);
  }
  const Stored *values(int64_t b) const { return keys(b) + kBlock * task_.width; }
  const float *key_scales(int64_t b) const {
    return kIsScaled ? reinterpret_cast<const float *>(keys(b) + 2 * kBlock * task_.width) : nullptr;
  }
  const float *value_scales(int64_t b) const { return key_scales(b) + kBlock; }
  float *scores(int64_t b) const { return scores_ + b * heads_ * kBlock; }

  /// Few rows read what is stored, many rows a copy in float32 (of the same
  /// numbers).
  bool is_stream() const { return heads_ <= 8; }

  using Stream = Block<Stored, true>;
  using Unpacked = Block<float, false>;
  static Stream stream(const Stored *from, const Stored *next) {
    return {from, (next - from) * static_cast<int64_t>(sizeof(Stored))};
  }
  Unpacked unpacked(const Stored *from, const Stored *next) const {
    const char *const ahead = reinterpret_cast<const char *>(next);
    for (int64_t i = 0; i < kBlock * task_.width * static_cast<int64_t>(sizeof(Stored)); i += 64) {
      __builtin_prefetch(ahead + i, 0, 2);
    }
    if constexpr (sizeof(Stored) == sizeof(float)) return {from, 0};
    for (int64_t i = 0; i < kBlock * task_.width; i += kWide) store_wide(block_ + i, load_wide(from + i));
    return {block_, 0};
  }

  R1V_INLINE void pack_queries() {
    for (int64_t row = 0; row < task_.rows; ++row) {
      const float *const from = task_.q + row * task_.q_stride;
      float *const to = queries_ + row * task_.group * task_.width;
      for (int64_t i = 0; i < task_.group * task_.width; i += kWide)
        store_wide(to + i, load_wide(from + i) * task_.scale);
    }
  }

  R1V_INLINE void score(int64_t b, const Stored *next) {
    if (is_stream()) return score_rows(b, stream(keys(b), next));
    score_rows(b, unpacked(keys(b), next));
  }

  template <typename From>
  R1V_INLINE void score_rows(int64_t b, From keys) {
    const int64_t first = row_seeing(b * kBlock + 1) * task_.group;
    score_block(queries_ + first * task_.width, task_.width, heads_ - first, keys, key_scales(b),
                scores(b) + first * kBlock);
  }

  /// Scores of one row and head -> weights of its values.
  R1V_INLINE void softmax(int64_t head, int64_t seen) {
    const int64_t stride = heads_ * kBlock;
    float *const row = scores_ + head * kBlock;
    Wide most = wide(-__builtin_inff());
    for (int64_t t = 0; t < seen; t += kWide) {
      Wide score = load_wide(row + t / kBlock * stride + t % kBlock);
      if (seen - t < kWide) score = lane_numbers() < wide(static_cast<float>(seen - t)) ? score : most;
      most = most > score ? most : score;
    }
    float maximum = most[0];
    for (int i = 1; i < kWide; ++i) maximum = most[i] > maximum ? most[i] : maximum;
    Wide total{};
    for (int64_t t = 0; t < seen; t += kWide) {
      float *const at = row + t / kBlock * stride + t % kBlock;
      Wide weight = power_of_two(load_wide(at) - maximum);
      if (seen - t < kWide) weight = lane_numbers() < wide(static_cast<float>(seen - t)) ? weight : Wide{};
      total += weight;
      if constexpr (kIsScaled) weight *= load_wide(value_scales(t / kBlock) + t % kBlock);
      store_wide(at, weight);
    }
    float sum = 0.0f;
    for (int i = 0; i < kWide; ++i) sum += total[i];
    task_.to.maxima[head] = maximum;
    task_.to.sums[head] = sum;
  }

  R1V_INLINE void add(int64_t b, const Stored *next) {
    if (is_stream()) return add_rows(b, stream(values(b), next));
    add_rows(b, unpacked(values(b), next));
  }

  template <typename From>
  R1V_INLINE void add_rows(int64_t b, From block) {
    const int64_t width = task_.width, group = task_.group;
    const int64_t full = row_seeing((b + 1) * kBlock);
    for (int64_t row = row_seeing(b * kBlock + 1); row < full; ++row) {
      add_values(scores(b) + row * group * kBlock, group, block, width, seen(row) - b * kBlock,
                 task_.to.out + row * group * width);
    }
    const int64_t first = full * group;
    add_values(scores(b) + first * kBlock, heads_ - first, block, width, kBlock, task_.to.out + first * width);
  }

  const PagedSegment &task_;
  const int64_t heads_;  // query rows of all heads
  float *const queries_;
  float *const block_;
  float *const scores_;  // [blocks, heads_, 32]
};

void fold_partial(const PagedPartial &into, const PagedPartial &from, int64_t rows, int64_t width) {
  for (int64_t row = 0; row < rows; ++row) {
    const float before = into.maxima[row], behind = from.maxima[row], maximum = before > behind ? before : behind;
    const Wide keep = power_of_two(wide(before - maximum)), take = power_of_two(wide(behind - maximum));
    for (int64_t i = row * width; i < (row + 1) * width; i += kWide) {
      store_wide(into.out + i, load_wide(into.out + i) * keep + load_wide(from.out + i) * take);
    }
    into.sums[row] = into.sums[row] * keep[0] + from.sums[row] * take[0];
    into.maxima[row] = maximum;
  }
}

void finish_partial(const PagedPartial &part, int64_t rows, int64_t width, float *out) {
  for (int64_t row = 0; row < rows; ++row) {
    const Wide sum = wide(part.sums[row]);
    for (int64_t i = row * width; i < (row + 1) * width; i += kWide) store_wide(out + i, load_wide(part.out + i) / sum);
  }
}

template <typename Stored>
void attend_segment(const PagedSegment &task) {
  Segment<Stored>(task).run();
}

constexpr PagedAttentionLoops make_paged_attention_loops() {
  return {.float32 = attend_segment<float>,
          .bfloat16 = attend_segment<uint16_t>,
          .int8 = attend_segment<int8_t>,
          .fold = fold_partial,
          .finish = finish_partial};
}

}  // namespace
}  // namespace r1v

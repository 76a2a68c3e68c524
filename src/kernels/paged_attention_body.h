// Paged attention over one segment, included by one file for each instruction set.
//
// Scores of all rows against all keys of the segment, a softmax a row, then the weighted sum of values: a segment's
// scores fit the second-level cache, so nothing is rescaled on the way. Both products take a few rows at once against
// each vector of keys or values. Every number is a sum in the order of its inputs, whatever rows stand beside it, and
// nothing behind the last token that a row sees enters its sums.
#pragma once

#include "kernels/paged_attention_int8_body.h"
#include "kernels/paged_attention_segment.h"

namespace r1v {
namespace {

template <int kRows, int kVectors>
struct Sums {
  Wide at[kRows][kVectors];
};

/// Keys or values of a block. With kFetches the ones `next` bytes away are asked for on the way: memory answers slowly,
/// and few query rows have little else to do.
template <typename StoredNumber, bool kFetchesNext>
struct Block {
  using Stored = StoredNumber;
  static constexpr bool kFetches = kFetchesNext;
  const Stored* at;
  int64_t next;
};

/// sums[r, j] += sum over i < depth of a[r, i] b[i, j], in the order of i.
template <int kRows, int kVectors, typename From>
R1V_INLINE void add_products(Sums<kRows, kVectors>& sums, const float* a, int64_t a_stride, From from, int64_t column,
                             int64_t b_stride, int64_t depth) {
  const typename From::Stored* b = from.at + column;
  for (int64_t i = 0; i < depth; ++i, b += b_stride) {
    Wide columns[kVectors];
    if constexpr (From::kFetches) {
      const char* const next = reinterpret_cast<const char*>(b) + from.next;
      constexpr int kBytes = kVectors * kWide * static_cast<int>(sizeof(*b));
      unrolled<(kBytes + 63) / 64>([&](int line) { fetch_line(next + line * 64); });
    }
    unrolled<kVectors>([&](int j) { columns[j] = load_wide(b + j * kWide); });
    unrolled<kRows>([&](int r) {
      const float x = a[r * a_stride + i];
      unrolled<kVectors>([&](int j) { sums.at[r][j] += x * columns[j]; });
    });
  }
}

/// scores[rows, 32] = q[rows, width] keys[width, 32].
template <typename From>
void score_block(const float* q, int64_t width, int64_t rows, From keys, float* scores) {
  each_rows(rows, [&]<int kRows>(int64_t row, Number<kRows>) {
    for (int64_t column = 0; column < kBlock; column += 2 * kWide) {
      Sums<kRows, 2> sums{};
      add_products(sums, q + row * width, width, keys, column, kBlock, width);
      unrolled<2>([&](int j) {
        const int64_t at = column + j * kWide;
        unrolled<kRows>([&](int r) { store_wide(scores + (row + r) * kBlock + at, sums.at[r][j]); });
      });
    }
  });
}

template <int kRows, int kVectors, typename From>
R1V_INLINE void add_values_panel(const float* weights, From values, int64_t column, int64_t width, int64_t depth,
                                 float* out) {
  Sums<kRows, kVectors> sums;
  unrolled<kRows>(
      [&](int r) { unrolled<kVectors>([&](int j) { sums.at[r][j] = load_wide(out + r * width + j * kWide); }); });
  add_products(sums, weights, kBlock, values, column, width, depth);
  unrolled<kRows>(
      [&](int r) { unrolled<kVectors>([&](int j) { store_wide(out + r * width + j * kWide, sums.at[r][j]); }); });
}

/// out[rows, width] += weights[rows, 32] values[depth, width].
template <typename From>
void add_values(const float* weights, int64_t rows, From values, int64_t width, int64_t depth, float* out) {
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

/// One segment of one task; Stored is float or uint16_t (bfloat16).
template <typename Stored>
class Segment : public SegmentView {
 public:
  R1V_INLINE explicit Segment(const PagedSegment& task)
      : SegmentView(task),
        queries_(task.scratch),
        block_(queries_ + heads_ * task.width),
        scores_(block_ + kBlock * task.width) {}

  R1V_INLINE void run() {
    pack_queries();
    for (int64_t i = 0; i < kPartsAhead && i < 2 * blocks_; ++i) fetch_part(i);
    for (int64_t b = 0; b < blocks_; ++b) score(b);
    for (int64_t row = row_seeing(1); row < task_.rows; ++row) {
      for (int64_t head = row * task_.group; head < (row + 1) * task_.group; ++head) softmax(head, seen(row));
    }
    for (int64_t i = 0; i < heads_ * task_.width; i += kWide) store_wide(task_.to.out + i, Wide{});
    for (int64_t b = 0; b < blocks_; ++b) add(b);
  }

 private:
  /// Blocks of keys or values that are on their way: with few bytes in one, memory would answer too late.
  static constexpr int64_t kPartsAhead = sizeof(Stored) == sizeof(float) ? 1 : 2;

  const Stored* keys(int64_t b) const { return reinterpret_cast<const Stored*>(block(b)); }
  const Stored* values(int64_t b) const { return keys(b) + kBlock * task_.width; }
  float* scores(int64_t b) const { return scores_ + b * heads_ * kBlock; }

  /// What is read in which order: first all keys, then all values.
  const Stored* part(int64_t i) const { return i < blocks_ ? keys(i) : values(i - blocks_); }
  /// What to ask for while part i is read.
  const Stored* part_ahead(int64_t i) const {
    const int64_t ahead = i + kPartsAhead, last = 2 * blocks_ - 1;
    return part(ahead < last ? ahead : last);
  }
  void fetch_part(int64_t i) const { fetch(part(i), kBlock * task_.width * static_cast<int64_t>(sizeof(Stored))); }

  /// Few rows read what is stored, many rows a copy in float32 (of the same numbers).
  bool is_stream() const { return heads_ <= 8; }
  using Stream = Block<Stored, true>;
  using Unpacked = Block<float, false>;

  Stream stream(int64_t i) const { return {part(i), (part_ahead(i) - part(i)) * static_cast<int64_t>(sizeof(Stored))}; }
  Unpacked unpacked(int64_t i) const {
    if (i + kPartsAhead < 2 * blocks_) fetch_part(i + kPartsAhead);
    if constexpr (sizeof(Stored) == sizeof(float)) return {part(i), 0};
    const Stored* const from = part(i);
    for (int64_t at = 0; at < kBlock * task_.width; at += kWide) store_wide(block_ + at, load_wide(from + at));
    return {block_, 0};
  }

  R1V_INLINE void pack_queries() {
    for (int64_t row = 0; row < task_.rows; ++row) {
      const float* const from = task_.q + row * task_.q_stride;
      float* const to = queries_ + row * task_.group * task_.width;
      for (int64_t i = 0; i < task_.group * task_.width; i += kWide)
        store_wide(to + i, load_wide(from + i) * task_.scale);
    }
  }

  R1V_INLINE void score(int64_t b) {
    if (is_stream()) return score_rows(b, stream(b));
    score_rows(b, unpacked(b));
  }

  template <typename From>
  R1V_INLINE void score_rows(int64_t b, From keys) {
    const int64_t first = row_seeing(b * kBlock + 1) * task_.group;
    score_block(queries_ + first * task_.width, task_.width, heads_ - first, keys, scores(b) + first * kBlock);
  }

  /// Scores of one row and head -> weights of its values.
  R1V_INLINE void softmax(int64_t head, int64_t seen) {
    const int64_t stride = heads_ * kBlock;
    float* const row = scores_ + head * kBlock;
    const float maximum = largest_score(row, stride, seen);
    Wide total{};
    for (int64_t t = 0; t < seen; t += kWide) {
      float* const at = row + t / kBlock * stride + t % kBlock;
      Wide weight = power_of_two(load_wide(at) - maximum);
      if (seen - t < kWide) weight = only_seen(weight, t, seen, Wide{});
      total += weight;
      store_wide(at, weight);
    }
    task_.to.maxima[head] = maximum;
    task_.to.sums[head] = sum_of_lanes(total);
  }

  R1V_INLINE void add(int64_t b) {
    if (is_stream()) return add_rows(b, stream(blocks_ + b));
    add_rows(b, unpacked(blocks_ + b));
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

  float* const queries_;
  float* const block_;
  float* const scores_;  // [blocks, heads_, 32]
};

void fold_partial(const PagedPartial& into, const PagedPartial& from, int64_t rows, int64_t width) {
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

void finish_partial(const PagedPartial& part, int64_t rows, int64_t width, float* out) {
  for (int64_t row = 0; row < rows; ++row) {
    const Wide sum = wide(part.sums[row]);
    for (int64_t i = row * width; i < (row + 1) * width; i += kWide) store_wide(out + i, load_wide(part.out + i) / sum);
  }
}

template <typename Way>
void attend_segment(const PagedSegment& task) {
  Way(task).run();
}

constexpr PagedAttentionLoops make_paged_attention_loops() {
  return {.float32 = attend_segment<Segment<float>>,
          .bfloat16 = attend_segment<Segment<uint16_t>>,
          .int8 = attend_segment<Int8Segment>,
          .fold = fold_partial,
          .finish = finish_partial};
}

}  // namespace
}  // namespace r1v

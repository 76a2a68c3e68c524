// Paged attention over one segment of int8 keys and values, in integers; included by one file for each instruction set.
//
// Queries and weights become integers of 16 bits (queries with a scale a row, weights with one for every 128 tokens),
// so their products with stored bytes are exact sums, two to a lane: twice as fast as multiplying floats, nothing to
// convert, and the same numbers in whatever order and company they are added. A token that a row does not see has
// weight zero.
#pragma once

#include "kernels/paged_attention_segment.h"

namespace r1v {
namespace {

constexpr int64_t kGroupBlocks = 4;      // whose weights have one scale; 128 * 32767 * 127 fits an integer
constexpr float kLargest = 32767.0f;     // of the integers that queries and weights become
constexpr float kLeastSize = 0x1p-100f;  // numbers whose largest is smaller are taken as zeros

template <int kRows, int kVectors>
struct IntegerSums {
  WideIntegers at[kRows][kVectors];
};

/// sums[r, j] += the dot product of pair a[r, i] and lane j's pair b[i, j], for i < depth. `ahead` bytes behind b
/// stands what will be read next.
template <int kRows, int kVectors, typename Stored>
R1V_INLINE void add_pair_products(IntegerSums<kRows, kVectors>& sums, const int16_t* a, int64_t a_stride,
                                  const Stored* b, int64_t b_stride, int64_t depth, int64_t ahead) {
  for (int64_t i = 0; i < depth; ++i, a += 2, b += b_stride) {
    if constexpr (sizeof(Stored) == 1) {
      if (ahead != 0) fetch_line(b + ahead);
    }
    WidePairs lanes[kVectors];
    unrolled<kVectors>([&](int j) { lanes[j] = load_pairs(b + j * 2 * kWide); });
    unrolled<kRows>([&](int r) {
      const WidePairs pair = all_pairs(a + r * a_stride);
      unrolled<kVectors>([&](int j) { sums.at[r][j] = dot_pairs(sums.at[r][j], lanes[j], pair); });
    });
  }
}

/// Lanes times a factor to the nearest integers, within 16 bits.
R1V_INLINE void store_shorts(int16_t* to, Wide lanes, float factor) {
  using Shorts = int16_t __attribute__((vector_size(2 * kWide)));
  const Shorts rounded = __builtin_convertvector(reinterpret_cast<WideIntegers>(lanes * factor + 0x1.8p23f), Shorts);
  __builtin_memcpy(to, &rounded, sizeof(rounded));
}

class Int8Segment : public SegmentView {
 public:
  R1V_INLINE explicit Int8Segment(const PagedSegment& task)
      : SegmentView(task),
        queries_(reinterpret_cast<int16_t*>(task.scratch)),
        unpacked_(queries_ + heads_ * task.width),
        query_scales_(reinterpret_cast<float*>(unpacked_ + kGroupBlocks * kBlock * task.width)),
        group_scales_(query_scales_ + (heads_ + 15) / 16 * 16),
        scores_(group_scales_ + (kSegmentTokens / kBlock / kGroupBlocks) * ((heads_ + 15) / 16 * 16)) {}

  R1V_INLINE void run() {
    pack_queries();
    for (int64_t b = 0; b < blocks_ && b < kGroupBlocks; ++b) fetch_keys(b);
    for (int64_t b = 0; b < blocks_; ++b) score(b);
    for (int64_t row = row_seeing(1); row < task_.rows; ++row) {
      for (int64_t head = row * task_.group; head < (row + 1) * task_.group; ++head) softmax(head, seen(row));
    }
    for (int64_t i = 0; i < heads_ * task_.width; i += kWide) store_wide(task_.to.out + i, Wide{});
    for (int64_t b = 0; b < blocks_; b += kGroupBlocks) add(b);
  }

 private:
  const int8_t* keys(int64_t b) const { return reinterpret_cast<const int8_t*>(block(b)); }
  const int8_t* values(int64_t b) const { return keys(b) + kBlock * task_.width; }
  const float* key_scales(int64_t b) const {
    return reinterpret_cast<const float*>(keys(b) + 2 * kBlock * task_.width);
  }
  const float* value_scales(int64_t b) const { return key_scales(b) + kBlock; }
  float* scores(int64_t b) const { return scores_ + b * heads_ * kBlock; }
  float* group_scales(int64_t b) const { return group_scales_ + b / kGroupBlocks * heads_; }
  /// Few rows read what is stored, many rows a copy in 16 bits.
  bool is_stream() const { return heads_ <= 8; }

  void fetch_scales(int64_t b) const { fetch(key_scales(b), 2 * kBlock * static_cast<int64_t>(sizeof(float))); }
  void fetch_keys(int64_t b) const {
    fetch(keys(b), kBlock * task_.width);
    fetch_scales(b);
  }
  /// What stands a group of blocks further on in the order of reading: all keys, then all values.
  int64_t keys_ahead(int64_t b) const {
    const int64_t next = b + kGroupBlocks;
    if (next < blocks_) return keys(next) - keys(b);
    return next - blocks_ < blocks_ ? values(next - blocks_) - keys(b) : 0;
  }
  int64_t values_ahead(int64_t b) const {
    const int64_t next = b + kGroupBlocks;
    return next < blocks_ ? values(next) - values(b) : 0;
  }

  R1V_INLINE void pack_queries() {
    const int64_t width = task_.width;
    for (int64_t head = 0; head < heads_; ++head) {
      const float* const from = task_.q + head / task_.group * task_.q_stride + head % task_.group * width;
      WideIntegers most{};
      for (int64_t i = 0; i < width; i += kWide) {
        const WideIntegers size = reinterpret_cast<WideIntegers>(load_wide(from + i)) & 0x7FFFFFFF;
        most = most > size ? most : size;
      }
      const float largest = __builtin_bit_cast(float, largest_lane(most)),
                  factor = largest >= kLeastSize ? kLargest / largest : 0.0f;
      for (int64_t i = 0; i < width; i += kWide) store_shorts(queries_ + head * width + i, load_wide(from + i), factor);
      query_scales_[head] = largest / kLargest * task_.scale;
    }
  }

  /// The block's bytes in 16 bits.
  R1V_INLINE const int16_t* unpack(const int8_t* from, int16_t* to) const {
    for (int64_t i = 0; i < kBlock * task_.width; i += 2 * kWide) store_pairs(to + i, load_pairs(from + i));
    return to;
  }

  R1V_INLINE void score(int64_t b) {
    if (b + kGroupBlocks < blocks_) fetch_scales(b + kGroupBlocks);
    if (is_stream()) return score_rows(b, keys(b), keys_ahead(b));
    fetch(keys(b) + keys_ahead(b), kBlock * task_.width);
    score_rows(b, unpack(keys(b), unpacked_), 0);
  }

  template <typename Stored>
  R1V_INLINE void score_rows(int64_t b, const Stored* keys, int64_t ahead) {
    const int64_t width = task_.width, first = row_seeing(b * kBlock + 1) * task_.group;
    each_rows(heads_ - first, [&]<int kRows>(int64_t behind, Number<kRows>) {
      const int64_t row = first + behind;
      for (int64_t column = 0; column < kBlock; column += 2 * kWide) {
        IntegerSums<kRows, 2> sums{};
        add_pair_products(sums, queries_ + row * width, width, keys + 2 * column, 2 * kBlock, width / 2, ahead);
        unrolled<2>([&](int j) {
          const int64_t at = column + j * kWide;
          const Wide scale = load_wide(key_scales(b) + at);
          unrolled<kRows>([&](int r) {
            const Wide sum = __builtin_convertvector(sums.at[r][j], Wide);
            store_wide(scores(b) + (row + r) * kBlock + at, sum * (scale * query_scales_[row + r]));
          });
        });
      }
    });
  }

  /// Scores of one row and head -> weights of its values as integers, with a scale for each group of blocks.
  R1V_INLINE void softmax(int64_t head, int64_t seen) {
    const int64_t stride = heads_ * kBlock;
    float* row = scores_ + head * kBlock;
    const float maximum = largest_score(row, stride, seen);
    Wide total{};
    for (int64_t b = 0; b < blocks_; b += kGroupBlocks, row += kGroupBlocks * stride) {
      const int64_t count = b + kGroupBlocks < blocks_ ? kGroupBlocks : blocks_ - b;
      WideIntegers most{};
      for (int64_t i = 0; i < count; ++i) weigh(b + i, row + i * stride, maximum, seen, total, most);
      const float largest = __builtin_bit_cast(float, largest_lane(most));
      const float factor = largest >= kLeastSize ? kLargest / largest : 0.0f;
      for (int64_t i = 0; i < count; ++i) {
        float* const weights = row + i * stride;
        unrolled<kBlock / kWide>([&](int j) {
          store_shorts(reinterpret_cast<int16_t*>(weights) + j * kWide, load_wide(weights + j * kWide), factor);
        });
      }
      group_scales(b)[head] = largest / kLargest;
    }
    task_.to.maxima[head] = maximum;
    task_.to.sums[head] = sum_of_lanes(total);
  }

  /// 32 scores -> weights times the scales of their values. Weights without those are added to `total`; `most` are the
  /// largest results so far, as integers: NaN is the largest of all and not lost.
  R1V_INLINE void weigh(int64_t b, float* scores, float maximum, int64_t seen, Wide& total, WideIntegers& most) const {
    const float* const scales = value_scales(b);
    const bool is_whole = (b + 1) * kBlock <= seen;
    unrolled<kBlock / kWide>([&](int j) {
      Wide weight = power_of_two(load_wide(scores + j * kWide) - maximum);
      Wide scaled = weight * load_wide(scales + j * kWide);
      if (!is_whole) {
        weight = only_seen(weight, b * kBlock + j * kWide, seen, Wide{});
        scaled = only_seen(scaled, b * kBlock + j * kWide, seen, Wide{});
      }
      total += weight;
      const auto size = reinterpret_cast<WideIntegers>(scaled);
      most = most > size ? most : size;
      store_wide(scores + j * kWide, scaled);
    });
  }

  /// Adds the values of a group of blocks.
  R1V_INLINE void add(int64_t b) {
    const int64_t count = b + kGroupBlocks < blocks_ ? kGroupBlocks : blocks_ - b;
    const int8_t* stored[kGroupBlocks];
    const int16_t* unpacked[kGroupBlocks];
    int64_t ahead[kGroupBlocks];
    for (int64_t i = 0; i < count; ++i) {
      stored[i] = values(b + i);
      ahead[i] = values_ahead(b + i);
    }
    if (is_stream()) return add_rows(b, count, stored, ahead);
    for (int64_t i = 0; i < count; ++i) {
      unpacked[i] = unpack(stored[i], unpacked_ + i * kBlock * task_.width);
      if (ahead[i] != 0) fetch(stored[i] + ahead[i], kBlock * task_.width);
    }
    add_rows(b, count, unpacked, ahead);
  }

  template <typename Stored>
  R1V_INLINE void add_rows(int64_t b, int64_t count, const Stored* const* values, const int64_t* ahead) {
    const int64_t width = task_.width, first = row_seeing(b * kBlock + 1) * task_.group;
    each_rows(heads_ - first, [&]<int kRows>(int64_t behind, Number<kRows>) {
      const int64_t row = first + behind;
      int64_t column = 0;
      for (; column + 2 * kWide <= width; column += 2 * kWide) {
        add_panel<kRows, 2>(b, count, row, column, values, ahead);
      }
      if (column < width) add_panel<kRows, 1>(b, count, row, column, values, ahead);
    });
  }

  template <int kRows, int kVectors, typename Stored>
  R1V_INLINE void add_panel(int64_t b, int64_t count, int64_t row, int64_t column, const Stored* const* values,
                            const int64_t* ahead) {
    const int64_t width = task_.width;
    IntegerSums<kRows, kVectors> sums{};
    for (int64_t i = 0; i < count; ++i) {
      const auto* const weights = reinterpret_cast<const int16_t*>(scores(b + i) + row * kBlock);
      add_pair_products(sums, weights, 2 * kBlock, values[i] + 2 * column, 2 * width, kBlock / 2, ahead[i]);
    }
    unrolled<kRows>([&](int r) {
      const float scale = group_scales(b)[row + r];
      unrolled<kVectors>([&](int j) {
        float* const out = task_.to.out + (row + r) * width + column + j * kWide;
        store_wide(out, load_wide(out) + __builtin_convertvector(sums.at[r][j], Wide) * scale);
      });
    });
  }

  int16_t* const queries_;
  int16_t* const unpacked_;
  float* const query_scales_;
  float* const group_scales_;  // [groups, heads_]
  float* const scores_;        // [blocks, heads_, 32]; then weights, in the first half of each row of 32
};

}  // namespace
}  // namespace r1v

// What both ways through a segment of paged attention share: which row sees what, rows taken a few at once.
#pragma once

#include "kernels/paged_attention_loops.h"
#include "kernels/paged_attention_vectors.h"

namespace r1v {
namespace {

constexpr int64_t kBlock = 32;  // tokens

template <int kValue>
struct Number {
  static constexpr int value = kValue;
};

/// Calls visit(first row, Number<rows>) for groups of at most kRowsAtOnce rows, the last two of about one size.
template <typename Visit>
R1V_INLINE void each_rows(int64_t rows, const Visit& visit) {
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

/// Lanes of tokens from t on where the row sees them, else lanes of `hidden`.
R1V_INLINE Wide only_seen(Wide lanes, int64_t t, int64_t seen, Wide hidden) {
  return lane_numbers() < wide(static_cast<float>(seen - t)) ? lanes : hidden;
}

/// The largest of a row's scores: 32 of them every `stride` numbers.
R1V_INLINE float largest_score(const float* row, int64_t stride, int64_t seen) {
  const Wide least = wide(-__builtin_inff());
  Wide most = least;
  int64_t t = 0;
  for (; t + kBlock <= seen; t += kBlock, row += stride) {
    unrolled<kBlock / kWide>([&](int j) {
      const Wide score = load_wide(row + j * kWide);
      most = most > score ? most : score;
    });
  }
  for (; t < seen; t += kWide) {
    const Wide score = only_seen(load_wide(row + t % kBlock), t, seen, least);
    most = most > score ? most : score;
  }
  return largest_lane(most);
}

R1V_INLINE float sum_of_lanes(Wide lanes) {
  float sum = 0.0f;
  for (int i = 0; i < kWide; ++i) sum += lanes[i];
  return sum;
}

/// One segment of one task.
class SegmentView {
 protected:
  R1V_INLINE explicit SegmentView(const PagedSegment& task)
      : task_(task), heads_(task.rows * task.group), blocks_((seen(task.rows - 1) + kBlock - 1) / kBlock) {}

  int64_t seen(int64_t row) const {
    const int64_t seen = task_.seen + row;
    return seen < 0 ? 0 : seen < kSegmentTokens ? seen : kSegmentTokens;
  }
  /// The first row that sees `tokens` (at most 1024) tokens of the segment.
  int64_t row_seeing(int64_t tokens) const {
    const int64_t row = tokens - task_.seen;
    return row < 0 ? 0 : row < task_.rows ? row : task_.rows;
  }
  const uint8_t* block(int64_t b) const { return task_.keys + task_.table[b] * task_.block_stride; }
  static void fetch(const void* from, int64_t bytes) {
    for (int64_t i = 0; i < bytes; i += 64) fetch_line(static_cast<const char*>(from) + i);
  }

  const PagedSegment& task_;
  const int64_t heads_;   // query rows of all heads
  const int64_t blocks_;  // that any row sees
};

}  // namespace
}  // namespace r1v

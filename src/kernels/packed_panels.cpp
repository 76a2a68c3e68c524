// Reads 64 rows into the cache and turns them: what was a row's word becomes a column's.
#include "kernels/packed_panels.h"

#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <vector>

namespace r1v {
namespace {

using Words [[gnu::vector_size(16)]] = uint32_t;
constexpr int64_t kSquare = 4;        // words of as many rows are turned in registers
constexpr int64_t kWordsABlock = 16;  // a cache line of every row

Words load(const uint32_t* from) {
  Words words;
  std::memcpy(&words, from, sizeof words);
  return words;
}

/// Four words of four rows.
void turn_square(const uint32_t* from, int64_t row_words, uint32_t* to) {
  const Words a = load(from), b = load(from + row_words), c = load(from + 2 * row_words),
              d = load(from + 3 * row_words);
  const Words low_ab = __builtin_shuffle(a, b, Words{0, 4, 1, 5}), low_cd = __builtin_shuffle(c, d, Words{0, 4, 1, 5});
  const Words top_ab = __builtin_shuffle(a, b, Words{2, 6, 3, 7}), top_cd = __builtin_shuffle(c, d, Words{2, 6, 3, 7});
  const Words columns[kSquare] = {
      __builtin_shuffle(low_ab, low_cd, Words{0, 1, 4, 5}), __builtin_shuffle(low_ab, low_cd, Words{2, 3, 6, 7}),
      __builtin_shuffle(top_ab, top_cd, Words{0, 1, 4, 5}), __builtin_shuffle(top_ab, top_cd, Words{2, 3, 6, 7})};
  for (int64_t w = 0; w < kSquare; ++w) std::memcpy(to + w * kPanelOutputs, &columns[w], sizeof(Words));
}

/// `count` words of 64 rows: word w of row o goes to to[w * 64 + o].
void turn(const uint32_t* from, int64_t row_words, int64_t count, uint32_t* to) {
  for (int64_t begin = 0; begin < count; begin += kWordsABlock) {
    const int64_t end = std::min(begin + kWordsABlock, count), squares_end = begin + (end - begin) / kSquare * kSquare;
    for (int64_t o = 0; o < kPanelOutputs; o += kSquare) {
      const uint32_t* const rows = from + o * row_words;
      int64_t w = begin;
      for (; w < squares_end; w += kSquare) turn_square(rows + w, row_words, to + w * kPanelOutputs + o);
      for (; w < end; ++w) {
        for (int64_t r = 0; r < kSquare; ++r) to[w * kPanelOutputs + o + r] = rows[r * row_words + w];
      }
    }
  }
}

/// One number of every group of 64 rows, from [64, groups] to the start of each group of a panel.
template <typename Number>
void turn_group_numbers(const std::byte* from, const PanelLayout& layout, uint8_t* to) {
  const int64_t groups = layout.inputs / layout.group;
  for (int64_t o = 0; o < kPanelOutputs; ++o) {
    for (int64_t g = 0; g < groups; ++g) {
      std::memcpy(to + g * layout.group_bytes + o * static_cast<int64_t>(sizeof(Number)),
                  from + (o * groups + g) * static_cast<int64_t>(sizeof(Number)), sizeof(Number));
    }
  }
}

/// Bytes of two steps of four inputs in one, in place: the first step in the lower halves.
void join_halves(uint8_t* values, int64_t count) {
  for (int64_t i = 0; i < count; i += 8) {
    uint32_t steps[2];
    std::memcpy(steps, values + i, sizeof steps);
    const uint32_t joined = steps[0] | steps[1] << 4;
    std::memcpy(values + i / 2, &joined, sizeof joined);
  }
}

/// Calls panel(index, first output, outputs) for each, on all threads. They take one after the other: fresh memory
/// comes to some of them much slower than to others, and a tokenizer may be read beside them.
template <typename Panel>
void each_panel(int64_t outputs, const Panel& panel) {
  const int64_t panels = num_panels(outputs), threads = std::min<int64_t>(panels, at::get_num_threads());
  std::atomic<int64_t> next = 0;
  at::parallel_for(0, threads, 1, [&](int64_t, int64_t) {
    for (int64_t i = next++; i < panels; i = next++) {
      panel(i, i * kPanelOutputs, std::min(kPanelOutputs, outputs - i * kPanelOutputs));
    }
  });
}

}  // namespace

void write_float_panels(const FloatRows& rows, at::ScalarType type, const PanelLayout& layout, uint8_t* panels) {
  const int64_t row_words = layout.panel_bytes / kPanelOutputs / 4;
  const int64_t row_numbers = row_words * 4 / static_cast<int64_t>(c10::elementSize(type));
  each_panel(rows.outputs, [&](int64_t index, int64_t first, int64_t count) {
    const at::NoGradGuard no_gradients;  // each thread has a mode of its own
    const bool is_full = count == kPanelOutputs && row_numbers == rows.inputs;
    const at::Tensor panel =
        is_full ? at::empty({kPanelOutputs, row_numbers}, type) : at::zeros({kPanelOutputs, row_numbers}, type);
    panel.narrow(0, 0, count).narrow(1, 0, rows.inputs).copy_(rows.read(first, count));
    turn(static_cast<const uint32_t*>(panel.const_data_ptr()), row_words, row_words,
         reinterpret_cast<uint32_t*>(panels + index * layout.panel_bytes));
  });
}

void write_integer_panels(const IntegerRows& rows, const PanelLayout& layout, uint8_t* panels) {
  const int64_t row_words = rows.inputs * rows.bits / 32, groups = rows.groups;
  each_panel(rows.outputs, [&](int64_t index, int64_t first, int64_t count) {
    std::vector<uint32_t> words(static_cast<size_t>(kPanelOutputs * rows.inputs / 4));
    std::vector<std::byte> scales(static_cast<size_t>(kPanelOutputs * groups * rows.scale_bytes()));
    std::vector<uint8_t> zeros(static_cast<size_t>(layout.has_zeros ? kPanelOutputs * groups : 0));
    auto* const values = reinterpret_cast<uint8_t*>(words.data());
    rows.read(first, count, {.values = values, .scales = scales.data(), .zeros = zeros.data()});
    if (rows.bits == 4) join_halves(values, kPanelOutputs * rows.inputs);
    uint8_t* const panel = panels + index * layout.panel_bytes;
    if (rows.half_scales)
      turn_group_numbers<uint16_t>(scales.data(), layout, panel);
    else
      turn_group_numbers<uint32_t>(scales.data(), layout, panel);
    if (layout.has_zeros) {
      turn_group_numbers<uint8_t>(reinterpret_cast<const std::byte*>(zeros.data()), layout,
                                  panel + layout.zeros_offset);
    }
    for (int64_t g = 0; g < groups; ++g) {
      turn(words.data() + g * (row_words / groups), row_words, row_words / groups,
           reinterpret_cast<uint32_t*>(panel + g * layout.group_bytes + layout.numbers_offset));
    }
  });
}

}  // namespace r1v

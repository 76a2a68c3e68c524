// Products with packed weights: picks the inner loops, prepares the rows, shares the panels among threads.
#include "kernels/packed_product.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "kernels/instruction_set.h"

namespace r1v {
namespace {

constexpr int64_t kRowsAPart = 192;            // what is prepared at a time: a few MiB at most
constexpr int64_t kFewRows = 48;               // what a thread takes of a panel where panels are few
constexpr int64_t kPreparedAThread = 1 << 16;  // inputs that are worth a thread: some 7 us

// What one core does in a nanosecond, roughly; a thread is worth waking for several microseconds.
constexpr int64_t kBytesRead = 32, kWordsMultiplied = 40, kNanosecondsAThread = 5000;

struct FormatLoops {
  const ProductLoops &plain, &avx2, &avx512;
};

FormatLoops loops_of(WeightFormat format) {
  switch (format) {
    case WeightFormat::float32:
      return {kFloatProductPlain, kFloatProductAvx2, kFloatProductAvx512};
    case WeightFormat::bfloat16:
      return {kBfloatProductPlain, kBfloatProductAvx2, kBfloatProductAvx512};
    case WeightFormat::int8:
      return {kInt8ProductPlain, kInt8ProductAvx2, kInt8ProductAvx512};
    case WeightFormat::int4:
      break;
  }
  return {kInt4ProductPlain, kInt4ProductAvx2, kInt4ProductAvx512};
}

/// Tiles where the processor has them and the format is one of theirs; null otherwise.
const ProductLoops* tile_loops(WeightFormat format) {
  if (format == WeightFormat::float32 || !has_tile_products()) return nullptr;
  if (format == WeightFormat::bfloat16) return &kBfloatProductAmx;
  return format == WeightFormat::int8 ? &kInt8ProductAmx : &kInt4ProductAmx;
}

const ProductLoops& best_loops(WeightFormat format) {
  if (const ProductLoops* const tiles = tile_loops(format)) return *tiles;
  if (format == WeightFormat::bfloat16 && has_bfloat16_products()) return kBfloatProductAvx512Bfloat;
  const FormatLoops loops = loops_of(format);
  switch (instruction_set()) {
    case InstructionSet::avx512:
      return loops.avx512;
    case InstructionSet::avx2:
      return loops.avx2;
    case InstructionSet::none:
      break;
  }
  return loops.plain;
}

/// Room for some prepared rows. Rows start at odd multiples of 64 bytes from each other: at powers of two they would
/// push each other out of the cache.
class RowRoom {
 public:
  RowRoom(const ProductLoops& loops, const PanelLayout& layout, int64_t rows) {
    const int64_t words = (layout.inputs + loops.inputs_a_word) / loops.inputs_a_word;  // one more where it is odd
    rows_.word_stride = ((words + 15) / 16 | 1) * 16;
    words_ = std::make_unique_for_overwrite<uint32_t[]>(static_cast<size_t>(rows * rows_.word_stride));
    rows_.words = words_.get();
    if (!loops.rounds_to_groups) return;
    const int64_t groups = layout.inputs / layout.group;
    rows_.group_stride = groups * ((layout.group + layout.activation_group - 1) / layout.activation_group);
    const auto count = static_cast<size_t>(rows * rows_.group_stride);
    scales_ = std::make_unique_for_overwrite<float[]>(count);
    sums_ = std::make_unique_for_overwrite<int32_t[]>(count);
    rows_.scales = scales_.get();
    rows_.sums = sums_.get();
  }

  PreparedRows from(int64_t row) const {
    PreparedRows moved = rows_;
    moved.words += row * rows_.word_stride;
    if (moved.scales != nullptr) {
      moved.scales += row * rows_.group_stride;
      moved.sums += row * rows_.group_stride;
    }
    return moved;
  }

 private:
  PreparedRows rows_;
  std::unique_ptr<uint32_t[]> words_;
  std::unique_ptr<float[]> scales_;
  std::unique_ptr<int32_t[]> sums_;
};

/// Calls work(begin, end); on several threads only where each gets enough to do.
template <typename Work>
void share(int64_t count, bool is_worth_it, const Work& work) {
  if (is_worth_it && count > 1)
    at::parallel_for(0, count, 1, work);
  else
    work(0, count);
}

/// One part of the rows, prepared in `room`: pieces of one panel by some rows, panel after panel.
void multiply_part(const ProductLoops& loops, const PackedWeight& weight, const ProductTask& task,
                   const RowRoom& room) {
  const int64_t panels = (weight.outputs() + kPanelOutputs - 1) / kPanelOutputs;
  const int64_t threads = at::get_num_threads();
  const int64_t rows_a_piece = panels >= 4 * threads ? task.rows : std::min(task.rows, kFewRows);
  const int64_t pieces = (task.rows + rows_a_piece - 1) / rows_a_piece;
  const int64_t words = weight.outputs() * weight.inputs() * task.rows / loops.inputs_a_word;
  const int64_t nanoseconds = std::max(weight.bytes() / kBytesRead, words / kWordsMultiplied);
  share(panels * pieces, nanoseconds >= threads * kNanosecondsAThread, [&](int64_t begin, int64_t end) {
    alignas(64) float partial[kRowsAPart * kPanelOutputs];
    for (int64_t piece = begin; piece < end; ++piece) {
      const int64_t panel = piece / pieces, output = panel * kPanelOutputs, row = piece % pieces * rows_a_piece;
      loops.multiply({.layout = &weight.layout(),
                      .panel = weight.panels() + panel * weight.layout().panel_bytes,
                      .num_outputs = std::min(kPanelOutputs, weight.outputs() - output),
                      .x = room.from(row),
                      .rows = std::min(rows_a_piece, task.rows - row),
                      .bias = task.bias == nullptr ? nullptr : task.bias + output,
                      .y = task.y + row * task.y_stride + output,
                      .y_stride = task.y_stride,
                      .adds = task.adds,
                      .partial = partial});
    }
  });
}

}  // namespace

std::vector<const ProductLoops*> product_loops(WeightFormat format) {
  std::vector<const ProductLoops*> all{&best_loops(format)};
  const FormatLoops loops = loops_of(format);
  const bool has_avx512 = instruction_set() == InstructionSet::avx512;
  if (tile_loops(format) != nullptr && format == WeightFormat::bfloat16) all.push_back(&kBfloatProductAvx512Bfloat);
  if (has_avx512 && all[0] != &loops.avx512) all.push_back(&loops.avx512);
  if (has_avx512) all.push_back(&loops.avx2);
  if (instruction_set() != InstructionSet::none) all.push_back(&loops.plain);
  return all;
}

void packed_product_with(const ProductLoops& loops, const PackedWeight& weight, const ProductTask& task) {
  R1V_CHECK(weight.bytes() > 0, "a product with an empty packed weight");
  const RowRoom room(loops, weight.layout(), std::min(task.rows, kRowsAPart));
  for (int64_t first = 0; first < task.rows; first += kRowsAPart) {
    ProductTask part = task;
    part.x += first * task.x_stride;
    part.y += first * task.y_stride;
    part.rows = std::min(kRowsAPart, task.rows - first);
    const bool is_long = part.rows * weight.inputs() >= at::get_num_threads() * kPreparedAThread;
    share(part.rows, is_long, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        loops.prepare(weight.layout(), part.x + row * task.x_stride, room.from(row));
      }
    });
    multiply_part(loops, weight, part, room);
  }
}

void packed_product(const PackedWeight& weight, const ProductTask& task) {
  packed_product_with(best_loops(weight.format()), weight, task);
}

void round_to_int8(const float* x, int64_t inputs, int64_t group, int8_t* values, float* scales) {
  R1V_CHECK(group % 32 == 0 && inputs % group == 0, inputs, " inputs in groups of ", group);
  const PanelLayout layout{.inputs = inputs, .group = group, .activation_group = group};
  std::vector<int32_t> sums(static_cast<size_t>(inputs / group));
  best_loops(WeightFormat::int8)
      .prepare(layout, x, {.words = reinterpret_cast<uint32_t*>(values), .scales = scales, .sums = sums.data()});
}

at::Tensor packed_product_reference(const PackedWeight& weight, const at::Tensor& x_MI, const at::Tensor& bias_O) {
  const at::Tensor y_MO = x_MI.to(at::kFloat).matmul(weight.unpack().t());
  return bias_O.defined() ? y_MO + bias_O : y_MO;
}

std::string product_kernel_name(WeightFormat format) { return best_loops(format).name; }

}  // namespace r1v

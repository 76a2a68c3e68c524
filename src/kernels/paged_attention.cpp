// Paged attention: cuts the work into tasks, shares them among threads, puts the segments together in order.
#include "kernels/paged_attention.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numbers>

#include "base/error.h"
#include "kernels/instruction_set.h"
#include "kernels/paged_attention_loops.h"

namespace r1v {
namespace {

constexpr int64_t kTileRows = 64;            // query rows of all heads that one task works on together
constexpr int64_t kFewRows = 16;             // tiles of fewer are always cut at the segments
constexpr int64_t kTasksAThread = 4;         // as many balance the threads
constexpr int64_t kPartialFloats = 1 << 23;  // at most, for results of segments of tiles with many rows
constexpr int64_t kSmallWork = 1 << 19;      // multiplications that one thread does faster than two begin
constexpr int64_t kSegmentBlocks = kSegmentTokens / kKvBlockTokens;

/// Some rows of one span.
struct Tile {
  const PagedSpan* span;
  int64_t first;  // row of the span
  int64_t rows;
  int64_t offset;  // row of q and out

  int64_t seen_by_first() const { return span->past + first + 1; }
  int64_t seen_by_last() const { return span->past + first + rows; }
  int64_t segments() const { return (seen_by_last() + kSegmentTokens - 1) / kSegmentTokens; }
};

/// A tile and one key/value head; all segments of it, or one whose result is put to the others later.
struct Task {
  const Tile* tile;
  int64_t head;
  int64_t segment;  // all of them: -1
  float* partial;   // null for all of them
};

int64_t padded(int64_t floats) { return (floats + 15) / 16 * 16; }

class Attention {
 public:
  Attention(const PagedAttentionLoops& loops, const PagedBatch& batch)
      : loops_(loops),
        batch_(batch),
        heads_(batch.pool.layout().num_kv_heads),
        width_(batch.pool.layout().head_width),
        group_(batch.num_heads / heads_) {
    check();
    cut_tiles();
    cut_tasks();
  }

  void run() {
    const int64_t threads = work_ < kSmallWork ? 1 : std::min<int64_t>(at::get_num_threads(), std::ssize(tasks_));
    const int64_t scratch_size =
        padded(paged_scratch_size(most_rows_, most_tokens_, width_)) + 2 * partial_size(most_rows_);
    const at::Tensor scratch = at::empty({threads * scratch_size}, at::kFloat);
    std::atomic<int64_t> next = std::ssize(tasks_);
    at::parallel_for(0, threads, 1, [&](int64_t begin, int64_t) {
      float* const own = scratch.data_ptr<float>() + begin * scratch_size;
      // from behind: the last tiles of a prompt see most
      for (int64_t i; (i = --next) >= 0;) attend(tasks_[static_cast<size_t>(i)], own);
    });
    put_together();
  }

 private:
  void check() const {
    const KvPool& pool = batch_.pool;
    R1V_CHECK(heads_ * group_ == batch_.num_heads && group_ > 0, "attention of ", batch_.num_heads, " heads over ",
              heads_, " key/value heads");
    for (const PagedSpan& span : batch_.spans) {
      const int64_t held = static_cast<int64_t>(span.table.size()) * kKvBlockTokens;
      R1V_CHECK(span.past >= 0 && span.past + span.rows <= held, "attention over ", span.past, " + ", span.rows,
                " tokens in ", span.table.size(), " blocks");
    }
    R1V_CHECK(batch_.layer >= 0 && batch_.layer < pool.layout().num_layers, "layer ", batch_.layer, " of ",
              pool.layout().num_layers);
  }

  void cut_tiles() {
    const int64_t rows_a_tile = std::max<int64_t>(1, kTileRows / group_);
    int64_t offset = 0;
    for (const PagedSpan& span : batch_.spans) {
      for (int64_t first = 0; first < span.rows; first += rows_a_tile) {
        const int64_t rows = std::min(rows_a_tile, span.rows - first);
        const Tile& tile = tiles_.emplace_back(Tile{&span, first, rows, offset + first});
        most_rows_ = std::max(most_rows_, rows * group_);
        most_tokens_ = std::max(most_tokens_, std::min(kSegmentTokens, tile.seen_by_last()));
        work_ += 2 * rows * batch_.num_heads * tile.seen_by_last() * width_;
      }
      offset += span.rows;
    }
  }

  void cut_tasks() {
    const bool has_few_tiles = std::ssize(tiles_) * heads_ < kTasksAThread * at::get_num_threads();
    int64_t floats = 0, all_floats = 0;
    for (const Tile& tile : tiles_) all_floats += heads_ * tile.segments() * partial_size(tile.rows * group_);
    const bool cuts_all = has_few_tiles && work_ >= kSmallWork && all_floats <= kPartialFloats;
    for (const Tile& tile : tiles_) {
      const bool is_cut = tile.segments() > 1 && (cuts_all || tile.rows * group_ < kFewRows);
      for (int64_t head = 0; head < heads_; ++head) {
        for (int64_t segment = 0; segment < (is_cut ? tile.segments() : 1); ++segment) {
          tasks_.push_back({&tile, head, is_cut ? segment : -1, nullptr});
          if (is_cut) floats += partial_size(tile.rows * group_);
        }
      }
    }
    partials_ = at::empty({floats}, at::kFloat);
    float* next = partials_.data_ptr<float>();
    for (Task& task : tasks_) {
      if (task.segment < 0) continue;
      task.partial = next;
      next += partial_size(task.tile->rows * group_);
    }
  }

  int64_t partial_size(int64_t rows) const { return rows * width_ + 2 * padded(rows); }
  PagedPartial partial_at(float* memory, int64_t rows) const {
    return {.out = memory, .maxima = memory + rows * width_, .sums = memory + rows * width_ + padded(rows)};
  }

  void attend(const Task& task, float* scratch) const {
    if (task.segment >= 0) return attend_segment(task, task.segment, task.partial, scratch);
    const int64_t rows = task.tile->rows * group_;
    float* const whole = scratch + padded(paged_scratch_size(most_rows_, most_tokens_, width_));
    float* const part = whole + partial_size(rows);
    attend_segment(task, 0, whole, scratch);
    for (int64_t segment = 1; segment < task.tile->segments(); ++segment) {
      attend_segment(task, segment, part, scratch);
      fold(*task.tile, segment, whole, part);
    }
    finish(task, whole);
  }

  void attend_segment(const Task& task, int64_t segment, float* partial, float* scratch) const {
    const Tile& tile = *task.tile;
    const KvLayout& layout = batch_.pool.layout();
    const PagedSegment work{.q = batch_.q + tile.offset * batch_.q_stride + task.head * group_ * width_,
                            .q_stride = batch_.q_stride,
                            .rows = tile.rows,
                            .group = group_,
                            .width = width_,
                            .keys = batch_.pool.at(batch_.layer, 0) + task.head * layout.head_bytes(),
                            .block_stride = layout.layer_bytes(),
                            .table = tile.span->table.data() + segment * kSegmentBlocks,
                            .seen = tile.seen_by_first() - segment * kSegmentTokens,
                            .scale = static_cast<float>(std::numbers::log2e / std::sqrt(static_cast<double>(width_))),
                            .to = partial_at(partial, tile.rows * group_),
                            .scratch = scratch};
    switch (layout.format) {
      case KvFormat::float32:
        return loops_.float32(work);
      case KvFormat::bfloat16:
        return loops_.bfloat16(work);
      case KvFormat::int8:
        return loops_.int8(work);
    }
  }

  /// Rows that see nothing of the segment stay as they are.
  void fold(const Tile& tile, int64_t segment, float* whole, float* part) const {
    const int64_t row = std::clamp<int64_t>(segment * kSegmentTokens + 1 - tile.seen_by_first(), 0, tile.rows) * group_;
    const int64_t rows = tile.rows * group_;
    const auto from_row = [&](const PagedPartial& of) {
      return PagedPartial{.out = of.out + row * width_, .maxima = of.maxima + row, .sums = of.sums + row};
    };
    loops_.fold(from_row(partial_at(whole, rows)), from_row(partial_at(part, rows)), rows - row, width_);
  }

  void finish(const Task& task, float* whole) const {
    const PagedPartial all = partial_at(whole, task.tile->rows * group_);
    for (int64_t row = 0; row < task.tile->rows; ++row) {
      const int64_t first = row * group_;
      loops_.finish({.out = all.out + first * width_, .maxima = all.maxima + first, .sums = all.sums + first}, group_,
                    width_, batch_.out + (task.tile->offset + row) * batch_.out_stride + task.head * group_ * width_);
      if (batch_.log_sums == nullptr) continue;
      float* const log_sums = batch_.log_sums + (task.tile->offset + row) * batch_.num_heads + task.head * group_;
      for (int64_t i = 0; i < group_; ++i) {
        log_sums[i] = (all.maxima[first + i] + std::log2(all.sums[first + i])) / std::numbers::log2e_v<float>;
      }
    }
  }

  void put_together() const {
    for (size_t i = 0; i < tasks_.size(); ++i) {
      if (tasks_[i].segment != 0) continue;
      const Task& task = tasks_[i];
      for (int64_t segment = 1; segment < task.tile->segments(); ++segment) {
        fold(*task.tile, segment, task.partial, tasks_[i + static_cast<size_t>(segment)].partial);
      }
      finish(task, task.partial);
    }
  }

  const PagedAttentionLoops& loops_;
  const PagedBatch& batch_;
  const int64_t heads_, width_, group_;
  std::vector<Tile> tiles_;
  std::vector<Task> tasks_;
  at::Tensor partials_;
  int64_t most_rows_ = 0, most_tokens_ = 0, work_ = 0;
};

}  // namespace

const PagedAttentionLoops& paged_attention_loops() {
  switch (instruction_set()) {
    case InstructionSet::avx512:
      return kPagedAttentionLoopsAvx512;
    case InstructionSet::avx2:
      return kPagedAttentionLoopsAvx2;
    case InstructionSet::none:
      return kPagedAttentionLoopsPlain;
  }
  return kPagedAttentionLoopsPlain;
}

void paged_attention_with(const PagedAttentionLoops& loops, const PagedBatch& batch) { Attention(loops, batch).run(); }

void paged_attention(const PagedBatch& batch) { paged_attention_with(paged_attention_loops(), batch); }

void paged_attention(const KvPool& pool, int64_t layer, std::span<const PagedSpan> spans, int64_t num_heads,
                     const float* q, int64_t q_stride, float* out, int64_t out_stride) {
  paged_attention_with(paged_attention_loops(), {.pool = pool,
                                                 .layer = layer,
                                                 .spans = spans,
                                                 .num_heads = num_heads,
                                                 .q = q,
                                                 .q_stride = q_stride,
                                                 .out = out,
                                                 .out_stride = out_stride});
}

void paged_attention_reference(const KvPool& pool, int64_t layer, std::span<const PagedSpan> spans, int64_t num_heads,
                               const float* q, int64_t q_stride, float* out, int64_t out_stride) {
  const int64_t width = pool.layout().head_width, group = num_heads / pool.layout().num_kv_heads;
  // the caller's memory seen as tensors; only `out` is written
  const auto rows_of = [&](const float* memory, int64_t stride, int64_t rows) {
    return at::from_blob(const_cast<float*>(memory), {rows, num_heads, width}, {stride, width, 1}, at::kFloat);
  };
  for (const PagedSpan& span : spans) {
    const int64_t held = span.past + span.rows;
    const KvPool::Rows stored = pool.read(layer, span.table, held);
    const at::Tensor k_SQH = stored.keys_SGH.to(at::kDouble).repeat_interleave(group, 1);
    const at::Tensor v_SQH = stored.values_SGH.to(at::kDouble).repeat_interleave(group, 1);
    const at::Tensor q_TQH = rows_of(q, q_stride, span.rows).to(at::kDouble);
    const at::Tensor scores_QTS = at::einsum("tqh,sqh->qts", {q_TQH, k_SQH}) / std::sqrt(static_cast<double>(width));
    const at::Tensor seen_TS = at::ones({span.rows, held}, at::kBool).tril(span.past);
    const at::Tensor weights_QTS = at::softmax(scores_QTS.masked_fill(seen_TS.logical_not(), -INFINITY), -1);
    rows_of(out, out_stride, span.rows).copy_(at::einsum("qts,sqh->tqh", {weights_QTS, v_SQH}));
    q += span.rows * q_stride;
    out += span.rows * out_stride;
  }
}

}  // namespace r1v

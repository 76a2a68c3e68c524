// source: transformers 5.23, models/qwen2_5_vl/modeling_qwen2_5_vl.py; parity: qwen2_5_vl_test.cpp.
#include "models/qwen2_5_vision.h"

#include <algorithm>

#include "base/error.h"
#include "kernels/gelu.h"
#include "tensor/shape.h"

namespace r1v {
namespace {

constexpr double kTheta = 10000.0;

/// Numbers of the patches when cells of `unit` patches are brought into `cells` order.
at::Tensor patch_order(const std::vector<int64_t>& cells, int64_t unit) {
  at::Tensor order_N = at::empty({static_cast<int64_t>(cells.size()) * unit}, at::kLong);
  auto* out = order_N.mutable_data_ptr<int64_t>();
  for (const int64_t cell : cells) {
    for (int64_t i = 0; i < unit; ++i) *out++ = cell * unit + i;
  }
  return order_N;
}

std::vector<int64_t> times(std::vector<int64_t> counts, int64_t factor) {
  for (int64_t& count : counts) count *= factor;
  return counts;
}

}  // namespace

Qwen25VisionAttention::Qwen25VisionAttention(const Qwen25VisionConfig& config)
    : num_heads_(config.num_heads),
      qkv_(config.hidden_size, 3 * config.hidden_size, Bias::present),
      proj_(config.hidden_size, config.hidden_size, Bias::present) {
  child("qkv", qkv_);
  child("proj", proj_);
}

at::Tensor Qwen25VisionAttention::forward(const at::Tensor& x_NW, const RopeTable& rope,
                                          const std::vector<int64_t>& spans) const {
  const int64_t rows = x_NW.size(0), width = x_NW.size(1);
  const at::Tensor qkv_N3HK = qkv_.forward(x_NW).view({rows, 3, num_heads_, width / num_heads_});
  const at::Tensor q_NHK = apply_rope(qkv_N3HK.select(1, 0).contiguous(), rope);
  const at::Tensor k_NHK = apply_rope(qkv_N3HK.select(1, 1).contiguous(), rope);
  const at::Tensor out_NHK = span_attention(q_NHK, k_NHK, qkv_N3HK.select(1, 2).contiguous(), spans);
  return proj_.forward(out_NHK.reshape({rows, width}));
}

Qwen25VisionBlock::Qwen25VisionBlock(const Qwen25VisionConfig& config)
    : norm1_(NormKind::rms, config.hidden_size, config.norm_eps),
      attn_(config),
      norm2_(NormKind::rms, config.hidden_size, config.norm_eps),
      mlp_(config.hidden_size, config.intermediate_size, Bias::present) {
  child("norm1", norm1_);
  child("attn", attn_);
  child("norm2", norm2_);
  child("mlp", mlp_);
}

at::Tensor Qwen25VisionBlock::forward(const at::Tensor& x_NW, const RopeTable& rope,
                                      const std::vector<int64_t>& spans) const {
  const at::Tensor h_NW = x_NW + attn_.forward(norm1_.forward(x_NW), rope, spans);
  return h_NW + mlp_.forward(norm2_.forward(h_NW));
}

Qwen25Merger::Qwen25Merger(const Qwen25VisionConfig& config)
    : cell_width_(config.spatial_merge_size * config.spatial_merge_size * config.hidden_size),
      ln_q_(NormKind::rms, config.hidden_size, config.norm_eps),
      linear0_(cell_width_, cell_width_, Bias::present),
      linear2_(cell_width_, config.out_hidden_size, Bias::present) {
  child("ln_q", ln_q_);
  child("mlp.0", linear0_);
  child("mlp.2", linear2_);
}

at::Tensor Qwen25Merger::forward(const at::Tensor& x_NW) const {
  const at::Tensor cells = ln_q_.forward(x_NW).view({-1, cell_width_});
  const at::Tensor inner = linear0_.forward(cells);
  return linear2_.forward(linear0_.packed ? steady_gelu(inner) : at::gelu(inner));
}

Qwen25Vision::Qwen25Vision(const Qwen25VisionConfig& config)
    : config_(config), merger_(config), rope_(config.hidden_size / config.num_heads / 2, kTheta, std::nullopt) {
  parameter("patch_embed.proj.weight", patch_weight_WCTKK_,
            {config.hidden_size, 3, config.temporal_patch_size, config.patch_size, config.patch_size});
  for (int64_t i = 0; i < config.depth; ++i) {
    blocks_.push_back(std::make_unique<Qwen25VisionBlock>(config));
    child("blocks." + std::to_string(i), *blocks_.back());
  }
  child("merger", merger_);
}

RopeTable Qwen25Vision::rope_table(std::span<const PictureGrid> grids, const at::Tensor& order_N) const {
  const int64_t merge = config_.spatial_merge_size;
  at::Tensor places_2N = at::empty({2, order_N.size(0)}, at::kLong);
  auto* row = places_2N.mutable_data_ptr<int64_t>();
  auto* column = row + order_N.size(0);
  for (const PictureGrid& grid : grids) {
    const int64_t cells_across = grid.columns / merge, unit = merge * merge;
    for (int64_t i = 0; i < grid.patches(); ++i) {
      const int64_t cell = i % (grid.rows * grid.columns) / unit, inside = i % unit;
      *row++ = cell / cells_across * merge + inside / merge;
      *column++ = cell % cells_across * merge + inside % merge;
    }
  }
  const at::Tensor ordered_2N = places_2N.index_select(1, order_N).to(patch_weight_WCTKK_.device());
  // Rows of a table of round size: angles computed for these pictures alone could differ in a bit from those computed
  // in other company.
  constexpr int64_t kSides = 1024;
  const int64_t sides = (ordered_2N.max().item<int64_t>() / kSides + 1) * kSides;
  const RopeTable table = rope_.table(at::arange(sides, ordered_2N.options()));
  const auto of_both = [&](const at::Tensor& side_SK) {
    return at::cat({side_SK.index_select(0, ordered_2N[0]), side_SK.index_select(0, ordered_2N[1])}, 1);
  };
  return {.cos_TK = of_both(table.cos_TK), .sin_TK = of_both(table.sin_TK)};
}

at::Tensor Qwen25Vision::features(const at::Tensor& pixels_NF, std::span<const PictureGrid> grids) const {
  int64_t patches = 0;
  const int64_t merge = config_.spatial_merge_size;
  for (const PictureGrid& grid : grids) {
    patches += grid.patches();
    if (grid.rows % merge == 0 && grid.columns % merge == 0) continue;
    throw InputError(cat("a picture grid of ", grid.rows, " x ", grid.columns, " patches is not made of cells of ",
                         merge, " x ", merge));
  }
  const at::Tensor weight_WF = patch_weight_WCTKK_.flatten(1);
  if (pixels_NF.dim() != 2 || pixels_NF.size(0) != patches || pixels_NF.size(1) != weight_WF.size(1)) {
    throw InputError(cat("pixels are ", shape_text(pixels_NF.sizes()), " but the picture grids hold ", patches,
                         " patches of ", weight_WF.size(1), " numbers"));
  }
  const int64_t unit = merge * merge;
  const WindowPlan plan = plan_windows(grids, merge, config_.window_cells());
  const at::Tensor order_N = patch_order(plan.cells, unit);
  const std::vector<int64_t> windows = times(plan.windows, unit), frames = times(plan.frames, unit);
  const RopeTable rope = rope_table(grids, order_N);
  const at::Tensor device_order_N = order_N.to(pixels_NF.device());
  at::Tensor x_NW = packed_patches_ ? packed_linear(pixels_NF, *packed_patches_, {}, weight_WF)
                                    : at::linear(pixels_NF.to(weight_WF.scalar_type()), weight_WF);
  x_NW = x_NW.index_select(0, device_order_N);
  for (size_t i = 0; i < blocks_.size(); ++i) {
    const bool is_full = std::ranges::find(config_.full_attention_blocks, static_cast<int64_t>(i)) !=
                         config_.full_attention_blocks.end();
    x_NW = blocks_[i]->forward(x_NW, rope, is_full ? frames : windows);
  }
  // The merger works on whole cells, so the order can be undone before it.
  return x_NW.index_select(0, at::argsort(device_order_N));
}

}  // namespace r1v

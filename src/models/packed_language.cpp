// Layer by layer over one block of memory for the pass.
#include "models/packed_language.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "kernels/instruction_set.h"
#include "kernels/packed_product.h"
#include "kernels/paged_attention.h"
#include "kernels/row_loops.h"

namespace r1v {
namespace {

constexpr int64_t kNumbersATask = 1 << 14;  // of a row-wise loop: below, a second thread costs more than it brings

/// Calls row(t) for every row, on several threads where there is enough to do.
template <typename Row>
void each_row(int64_t rows, int64_t width, const Row& row) {
  const int64_t grain = std::max<int64_t>(1, kNumbersATask / width);
  at::parallel_for(0, rows, grain, [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) row(t);
  });
}

at::Tensor float_rows(int64_t rows, int64_t width) { return at::empty({rows, width}, at::kFloat); }

/// Blocks for one pass over whole documents.
class PassStore final : public PagedStore {
 public:
  PassStore(const KvLayout& layout, const std::vector<TokenSpan>& spans) : pool_(layout, blocks_of(spans)) {
    int32_t next = 0;
    for (const TokenSpan& span : spans) {
      R1V_CHECK(span.past == 0, "a pass without a store begins with ", span.past, " stored tokens");
      std::vector<int32_t>& table = tables_.emplace_back(static_cast<size_t>(blocks_for(span.count)));
      std::iota(table.begin(), table.end(), next);
      next += static_cast<int32_t>(table.size());
    }
  }
  KvPool& pool() override { return pool_; }
  std::span<const int32_t> table(int64_t sequence) const override { return tables_.at(static_cast<size_t>(sequence)); }

 private:
  static int64_t blocks_for(int64_t tokens) { return (tokens + kKvBlockTokens - 1) / kKvBlockTokens; }
  static int64_t blocks_of(const std::vector<TokenSpan>& spans) {
    int64_t blocks = 0;
    for (const TokenSpan& span : spans) blocks += blocks_for(span.count);
    return blocks;
  }

  KvPool pool_;
  std::vector<std::vector<int32_t>> tables_;
};

}  // namespace

/// Memory of one pass.
struct PackedLanguage::Pass {
  at::Tensor x_TD, normed_TD, qkv, attended, gate_up, gated;
  RopeTable rope;
  PagedStore* store = nullptr;
  std::vector<PagedSpan> spans;
  int64_t rows = 0;
};

namespace {

void norm_rows(const at::Tensor& x_TD, const at::Tensor& weight_D, double epsilon, const at::Tensor& out_TD) {
  const int64_t width = x_TD.size(1);
  const float *x = x_TD.const_data_ptr<float>(), *weight = weight_D.const_data_ptr<float>();
  auto* out = out_TD.data_ptr<float>();
  each_row(x_TD.size(0), width, [&, loops = row_loops<float>()](int64_t t) {
    loops->rms_norm(x + t * width, weight, out + t * width, width, static_cast<float>(epsilon));
  });
}

void multiply(const PackedWeight& weight, const at::Tensor& x_MI, const at::Tensor& bias_O, const at::Tensor& y_MO,
              bool adds = false) {
  packed_product(weight, {.x = x_MI.const_data_ptr<float>(),
                          .x_stride = x_MI.size(1),
                          .rows = x_MI.size(0),
                          .bias = bias_O.defined() ? bias_O.const_data_ptr<float>() : nullptr,
                          .y = y_MO.data_ptr<float>(),
                          .y_stride = y_MO.size(1),
                          .adds = adds});
}

}  // namespace

bool PackedLanguage::fits(const LanguageConfig& config) {
  return instruction_set() != InstructionSet::none && config.head_dim % 16 == 0;
}

PackedLanguage::PackedLanguage(const LanguageConfig& config, const WeightReader& reader, const std::string& prefix,
                               const PackFormats& formats)
    : config_(config), prefix_(prefix), layers_(static_cast<size_t>(config.num_layers)) {
  const Rope rope(config.head_dim, config.rope_theta, config.yarn, config.mrope_section);
  known_ = std::make_shared<const RopeTable>(rope.table(at::arange(config.max_position)));
  embedding_ = reader.table(prefix + "model.embed_tokens.weight");
  read_vectors(reader);
  head_ = reader.matrix(head_name(), formats.head);  // first: the largest is in memory twice while it is packed
  for (size_t i = 0; i < layers_.size(); ++i) {
    const WeightFormat format = i < kFirstLayers ? formats.first_layers : formats.language;
    each_matrix_of(i, [&](PackedWeight& packed, const std::vector<std::string>& parameters) {
      packed = reader.stacked(parameters, format);
    });
  }
}

std::string PackedLanguage::layer_prefix(size_t index) const { return cat(prefix_, "model.layers.", index, "."); }

void PackedLanguage::read_vectors(const WeightReader& reader) {
  for (size_t i = 0; i < layers_.size(); ++i) {
    const std::string layer = layer_prefix(i), attention = layer + "self_attn.";
    layers_[i].input_norm_D = reader.numbers(layer + "input_layernorm.weight");
    layers_[i].post_norm_D = reader.numbers(layer + "post_attention_layernorm.weight");
    layers_[i].qkv_bias = at::cat({reader.numbers(attention + "q_proj.bias"), reader.numbers(attention + "k_proj.bias"),
                                   reader.numbers(attention + "v_proj.bias")});
  }
  final_norm_D_ = reader.numbers(prefix_ + "model.norm.weight");
}

void PackedLanguage::each_matrix_of(size_t index, const MatrixVisit& visit) {
  Layer& layer = layers_[index];
  const std::string attention = layer_prefix(index) + "self_attn.", mlp = layer_prefix(index) + "mlp.";
  visit(layer.qkv, {attention + "q_proj.weight", attention + "k_proj.weight", attention + "v_proj.weight"});
  visit(layer.output, {attention + "o_proj.weight"});
  visit(layer.gate_up, {mlp + "gate_proj.weight", mlp + "up_proj.weight"});
  visit(layer.down, {mlp + "down_proj.weight"});
}

void PackedLanguage::each_matrix(const MatrixVisit& visit) {
  for (size_t i = 0; i < layers_.size(); ++i) each_matrix_of(i, visit);
  visit(head_, {head_name()});
}

std::string PackedLanguage::head_name() const {
  return prefix_ + (config_.tie_word_embeddings ? "model.embed_tokens.weight" : "lm_head.weight");
}

void PackedLanguage::refresh(const WeightReader& reader,
                             const std::function<bool(const std::string& parameter)>& changed) {
  read_vectors(reader);
  each_matrix([&](PackedWeight& packed, const std::vector<std::string>& parameters) {
    if (std::ranges::any_of(parameters, changed)) packed.assign(reader.stacked_rows(parameters));
  });
}

at::Tensor PackedLanguage::embed(const at::Tensor& input_ids_T) const { return embedding_(input_ids_T); }

at::Tensor PackedLanguage::hidden(const at::Tensor& embeds_TD, const TokenPlan& plan) const {
  R1V_CHECK(!plan.held_S.defined() && !plan.recompute, "packed weights are for inference");
  const int64_t rows = embeds_TD.size(0), heads = config_.num_heads, kv_heads = config_.num_kv_heads;
  std::optional<PassStore> own;
  Pass pass{.x_TD = embeds_TD.to(at::kFloat, /*non_blocking=*/false, /*copy=*/true).contiguous(),
            .normed_TD = float_rows(rows, config_.hidden_size),
            .qkv = float_rows(rows, (heads + 2 * kv_heads) * config_.head_dim),
            .attended = float_rows(rows, heads * config_.head_dim),
            .gate_up = float_rows(rows, 2 * config_.intermediate_size),
            .gated = float_rows(rows, config_.intermediate_size),
            .rope = rows_of(*known_, plan.positions, config_.mrope_section),
            .store = plan.store == nullptr ? nullptr : plan.store->paged(),
            .spans = {},
            .rows = rows};
  R1V_CHECK(plan.store == nullptr || pass.store != nullptr, "packed weights need a paged store");
  if (pass.store == nullptr) {
    pass.store = &own.emplace(KvLayout{.format = KvFormat::float32,
                                       .num_layers = config_.num_layers,
                                       .num_kv_heads = kv_heads,
                                       .head_width = config_.head_dim},
                              plan.spans);
  }
  int64_t document = 0;
  for (const TokenSpan& span : plan.spans) {
    const int64_t name = plan.store == nullptr ? document++ : span.sequence;
    pass.spans.push_back({.table = pass.store->table(name), .past = span.past, .rows = span.count});
  }
  for (size_t i = 0; i < layers_.size(); ++i) run_layer(i, pass);
  norm_rows(pass.x_TD, final_norm_D_, config_.rms_norm_eps, pass.normed_TD);
  return pass.normed_TD;
}

void PackedLanguage::run_layer(size_t index, const Pass& pass) const {
  const Layer& layer = layers_[index];
  norm_rows(pass.x_TD, layer.input_norm_D, config_.rms_norm_eps, pass.normed_TD);
  multiply(layer.qkv, pass.normed_TD, layer.qkv_bias, pass.qkv);
  attend(index, pass);
  multiply(layer.output, pass.attended, {}, pass.x_TD, /*adds=*/true);
  norm_rows(pass.x_TD, layer.post_norm_D, config_.rms_norm_eps, pass.normed_TD);
  multiply(layer.gate_up, pass.normed_TD, {}, pass.gate_up);
  const int64_t inner = config_.intermediate_size;
  const auto* gate = pass.gate_up.const_data_ptr<float>();
  auto* gated = pass.gated.data_ptr<float>();
  each_row(pass.rows, 2 * inner, [&, loops = row_loops<float>()](int64_t t) {
    const float* row = gate + t * 2 * inner;
    loops->swiglu(row, row + inner, gated + t * inner, inner);
  });
  multiply(layer.down, pass.gated, {}, pass.x_TD, /*adds=*/true);
}

/// Turns queries and keys in place, stores keys and values, attends.
void PackedLanguage::attend(size_t index, const Pass& pass) const {
  const int64_t heads = config_.num_heads, kv_heads = config_.num_kv_heads, width = config_.head_dim;
  const int64_t stride = pass.qkv.size(1), layer = static_cast<int64_t>(index);
  auto* qkv = pass.qkv.data_ptr<float>();
  const float *cos = pass.rope.cos_TK.const_data_ptr<float>(), *sin = pass.rope.sin_TK.const_data_ptr<float>();
  each_row(pass.rows, stride, [&, loops = row_loops<float>()](int64_t t) {
    float* row = qkv + t * stride;  // queries and keys lie side by side: one run of heads
    loops->rope(row, cos + t * (width / 2), sin + t * (width / 2), 1.0f, row, heads + kv_heads, width / 2);
  });
  const float* keys = qkv + heads * width;
  int64_t begin = 0;
  for (const PagedSpan& span : pass.spans) {
    const float* first = keys + begin * stride;
    pass.store->pool().write(layer, span.table, span.past, span.rows, first, first + kv_heads * width, stride);
    begin += span.rows;
  }
  paged_attention(pass.store->pool(), layer, pass.spans, heads, qkv, stride, pass.attended.data_ptr<float>(),
                  heads * width);
}

at::Tensor PackedLanguage::logits(const at::Tensor& hidden_TD) const {
  const at::Tensor rows_TD = hidden_TD.to(at::kFloat).contiguous();
  at::Tensor logits_TV = float_rows(rows_TD.size(0), head_.outputs());
  multiply(head_, rows_TD, {}, logits_TV);
  return logits_TV;
}

int64_t PackedLanguage::bytes() const {
  int64_t bytes = head_.bytes();
  for (const Layer& layer : layers_) {
    bytes += layer.qkv.bytes() + layer.output.bytes() + layer.gate_up.bytes() + layer.down.bytes();
  }
  return bytes;
}

}  // namespace r1v

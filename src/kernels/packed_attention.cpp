// Packed attention: the definition, LibTorch's own attention span by span, and loops without autograd's cost a span.
#include "kernels/packed_attention.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "base/error.h"
#include "kernels/attention_loops.h"
#include "kernels/fast_rows.h"
#include "kernels/paged_attention.h"

namespace r1v {
namespace {

constexpr int64_t kMinRows = 16;  // for fewer queries turning the keys costs more than the scores

/// [rows, queries x keys] of true where a query may look; undefined when nothing is hidden.
at::Tensor seen_mask(const AttentionSpan& span, AttentionMask mask, const at::Tensor& like) {
  if (mask == AttentionMask::full || span.rows == 1) return {};
  return at::ones({span.rows, span.held}, like.options().dtype(at::kBool)).tril(span.held - span.rows);
}

at::Tensor heads_first(const at::Tensor& x_TQH) { return x_TQH.transpose(0, 1).unsqueeze(0); }

at::Tensor library_attention(const at::Tensor& q_TQH, const at::Tensor& k_SGH, const at::Tensor& v_SGH,
                             const AttentionSpan& span, AttentionMask mask) {
  const bool plain_causal = mask == AttentionMask::causal && span.rows > 1 && span.rows == span.held;
  std::optional<at::Tensor> seen;
  if (const at::Tensor hidden = seen_mask(span, mask, q_TQH); hidden.defined() && !plain_causal) seen = hidden;
  return at::scaled_dot_product_attention(heads_first(q_TQH), heads_first(k_SGH), heads_first(v_SGH), seen,
                                          /*dropout_p=*/0.0, plain_causal, /*scale=*/std::nullopt,
                                          /*enable_gqa=*/q_TQH.size(1) != k_SGH.size(1))
      .squeeze(0)
      .transpose(0, 1);
}

at::Tensor plain_attention(const at::Tensor& q_TQH, const at::Tensor& k_SGH, const at::Tensor& v_SGH,
                           const AttentionSpan& span, AttentionMask mask) {
  const int64_t group = q_TQH.size(1) / k_SGH.size(1);
  const auto wide = [](const at::Tensor& x) { return x.scalar_type() == at::kDouble ? x : x.to(at::kFloat); };
  const at::Tensor k_SQH = wide(k_SGH).repeat_interleave(group, 1), v_SQH = wide(v_SGH).repeat_interleave(group, 1);
  at::Tensor scores_QTS =
      at::einsum("tqh,sqh->qts", {wide(q_TQH), k_SQH}) / std::sqrt(static_cast<double>(q_TQH.size(2)));
  if (const at::Tensor seen_TS = seen_mask(span, mask, q_TQH); seen_TS.defined()) {
    scores_QTS = scores_QTS.masked_fill(seen_TS.logical_not(), -INFINITY);
  }
  return at::einsum("qts,sqh->tqh", {at::softmax(scores_QTS, -1), v_SQH}).to(q_TQH.scalar_type());
}

/// Cuts into spans, attends, joins. split, not narrow: its gradient is one concatenation.
template <typename Attend>
at::Tensor each_span(const at::Tensor& q_TQH, const at::Tensor& k_SGH, const at::Tensor& v_SGH,
                     const std::vector<AttentionSpan>& spans, AttentionMask mask, const Attend& attend) {
  if (spans.size() == 1) return attend(q_TQH, k_SGH, v_SGH, spans.front(), mask);
  std::vector<int64_t> rows, held;
  for (const AttentionSpan& span : spans) {
    rows.push_back(span.rows);
    held.push_back(span.held);
  }
  const auto q = q_TQH.split_with_sizes(rows), k = k_SGH.split_with_sizes(held), v = v_SGH.split_with_sizes(held);
  std::vector<at::Tensor> out;
  for (size_t i = 0; i < spans.size(); ++i) out.push_back(attend(q[i], k[i], v[i], spans[i], mask));
  return at::cat(out);
}

/// q, k, v and what a pass over them leaves, as the loops want it.
struct Pass {
  at::Tensor q_TQH, k_SGH, v_SGH, out_TQH, log_sum_TQ;
  std::vector<AttentionSpan> spans;
  AttentionMask mask;

  int64_t kv_heads() const { return k_SGH.size(1); }
  int64_t longest_held() const { return std::ranges::max_element(spans, {}, &AttentionSpan::held)->held; }

  /// The task of one span (by its first query and key) and one key/value head.
  template <typename Number>
  AttentionTask<Number> task(const AttentionSpan& span, int64_t row, int64_t key, int64_t head) const {
    const int64_t heads = q_TQH.size(1), width = q_TQH.size(2), group = heads / kv_heads(), first = head * group;
    return {.q = numbers<Number>(q_TQH) + row * q_TQH.stride(0) + first * q_TQH.stride(1),
            .k = numbers<Number>(k_SGH) + key * k_SGH.stride(0) + head * k_SGH.stride(1),
            .v = numbers<Number>(v_SGH) + key * v_SGH.stride(0) + head * v_SGH.stride(1),
            .out = numbers<Number>(out_TQH) + (row * heads + first) * width,
            .log_sum = numbers<float>(log_sum_TQ) + row * heads + first,
            .rows = span.rows,
            .held = span.held,
            .group = group,
            .width = width,
            .q_stride = q_TQH.stride(0),
            .head_stride = q_TQH.stride(1),
            .k_stride = k_SGH.stride(0),
            .v_stride = v_SGH.stride(0),
            .out_stride = heads * width,
            .log_sum_stride = heads,
            .causal = mask == AttentionMask::causal,
            .scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(width)))};
  }
};

/// Calls visit(span, first row, first key, kv head, scratch) for all spans and heads, in parallel.
template <typename Visit>
void each_task(const Pass& pass, int64_t scratch_size, const Visit& visit) {
  std::vector<std::pair<int64_t, int64_t>> begin{{0, 0}};
  for (const AttentionSpan& span : pass.spans)
    begin.emplace_back(begin.back().first + span.rows, begin.back().second + span.held);
  const int64_t tasks = static_cast<int64_t>(pass.spans.size()) * pass.kv_heads();
  at::parallel_for(0, tasks, 1, [&](int64_t first, int64_t last) {
    const auto scratch = std::make_unique_for_overwrite<float[]>(static_cast<size_t>(scratch_size));
    for (int64_t i = first; i < last; ++i) {
      const auto span = static_cast<size_t>(i / pass.kv_heads());
      visit(pass.spans[span], begin[span].first, begin[span].second, i % pass.kv_heads(), scratch.get());
    }
  });
}

Pass forward_pass(const at::Tensor& q_TQH, const at::Tensor& k_SGH, const at::Tensor& v_SGH,
                  const std::vector<AttentionSpan>& spans, AttentionMask mask) {
  Pass pass{.q_TQH = q_TQH, .k_SGH = k_SGH, .v_SGH = v_SGH, .spans = spans, .mask = mask};
  pass.out_TQH = at::empty(q_TQH.sizes(), q_TQH.options());
  pass.log_sum_TQ = at::empty({q_TQH.size(0), q_TQH.size(1)}, q_TQH.options().dtype(at::kFloat));
  with_number_type(q_TQH, [&]<typename Number>(Number*) {
    each_task(pass, attention_scratch_size(pass.longest_held(), q_TQH.size(2)),
              [&](const AttentionSpan& span, int64_t row, int64_t key, int64_t head, float* scratch) {
                attention_loops<Number>()->forward(pass.task<Number>(span, row, key, head), scratch);
              });
  });
  return pass;
}

/// The same in the order of paged attention: every span's keys and values go to blocks of their own first.
Pass paged_pass(const at::Tensor& q_TQH, const at::Tensor& k_SGH, const at::Tensor& v_SGH,
                const std::vector<AttentionSpan>& spans) {
  Pass pass{.q_TQH = q_TQH, .k_SGH = k_SGH, .v_SGH = v_SGH, .spans = spans, .mask = AttentionMask::causal};
  const int64_t kv_heads = k_SGH.size(1), width = k_SGH.size(2), stride = kv_heads * width;
  const auto blocks_for = [](int64_t tokens) { return (tokens + kKvBlockTokens - 1) / kKvBlockTokens; };
  int64_t blocks = 0;
  for (const AttentionSpan& span : spans) blocks += blocks_for(span.held);
  KvPool pool({.format = KvFormat::float32, .num_layers = 1, .num_kv_heads = kv_heads, .head_width = width}, blocks);
  std::vector<int32_t> table(static_cast<size_t>(blocks));
  std::iota(table.begin(), table.end(), 0);
  std::vector<PagedSpan> paged;
  int64_t block = 0, row = 0;
  for (const AttentionSpan& span : spans) {
    const auto own =
        std::span<const int32_t>(table).subspan(static_cast<size_t>(block), static_cast<size_t>(blocks_for(span.held)));
    pool.write(0, own, 0, span.held, numbers<float>(k_SGH) + row * stride, numbers<float>(v_SGH) + row * stride,
               stride);
    paged.push_back({.table = own, .past = span.held - span.rows, .rows = span.rows});
    block += blocks_for(span.held);
    row += span.held;
  }
  pass.out_TQH = at::empty(q_TQH.sizes(), q_TQH.options());
  pass.log_sum_TQ = at::empty({q_TQH.size(0), q_TQH.size(1)}, q_TQH.options());
  paged_attention({.pool = pool,
                   .layer = 0,
                   .spans = paged,
                   .num_heads = q_TQH.size(1),
                   .q = numbers<float>(q_TQH),
                   .q_stride = q_TQH.stride(0),
                   .out = numbers<float>(pass.out_TQH),
                   .out_stride = pass.out_TQH.stride(0),
                   .log_sums = numbers<float>(pass.log_sum_TQ)});
  return pass;
}

torch::autograd::variable_list backward_pass(const Pass& pass, const at::Tensor& dout_TQH) {
  const at::Tensor dq = at::empty(pass.q_TQH.sizes(), pass.q_TQH.options());
  const at::Tensor dk = at::empty(pass.k_SGH.sizes(), pass.k_SGH.options());
  const at::Tensor dv = at::empty(pass.k_SGH.sizes(), pass.k_SGH.options());
  const int64_t width = dk.size(2);
  with_number_type(dq, [&]<typename Number>(Number*) {
    each_task(pass, attention_gradient_scratch_size(pass.longest_held(), width),
              [&](const AttentionSpan& span, int64_t row, int64_t key, int64_t head, float* scratch) {
                const auto forward = pass.task<Number>(span, row, key, head);
                const int64_t out_offset = forward.out - numbers<Number>(pass.out_TQH);
                const int64_t kv_offset = (key * pass.kv_heads() + head) * width;
                attention_loops<Number>()->backward({.forward = forward,
                                                     .out_gradient = numbers<Number>(dout_TQH) + out_offset,
                                                     .dq = numbers<Number>(dq) + out_offset,
                                                     .dk = numbers<Number>(dk) + kv_offset,
                                                     .dv = numbers<Number>(dv) + kv_offset,
                                                     .kv_gradient_stride = pass.kv_heads() * width},
                                                    scratch);
              });
  });
  return {dq, dk, dv};
}

/// What a call is about, beside its tensors.
struct Call {
  std::vector<AttentionSpan> spans;
  AttentionMask mask = AttentionMask::causal;
  SumOrder order = SumOrder::fastest;
};

/// As custom functions take tensors that may be missing.
std::optional<at::Tensor> optional_tensor(const at::Tensor& tensor) {
  return tensor.defined() ? std::optional(tensor) : std::nullopt;
}

at::Tensor gathered(const at::Tensor& x_TGH, const at::Tensor& held_S) {
  return held_S.defined() ? x_TGH.index_select(0, held_S) : x_TGH;
}

Pass run_forward(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& held_S,
                 const Call& call) {
  const at::Tensor k_SGH = gathered(k, held_S), v_SGH = gathered(v, held_S);
  return call.order == SumOrder::paged ? paged_pass(q, k_SGH.contiguous(), v_SGH.contiguous(), call.spans)
                                       : forward_pass(q, k_SGH, v_SGH, call.spans, call.mask);
}

struct PackedAttentionFunction : torch::autograd::Function<PackedAttentionFunction> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& q, const at::Tensor& k,
                            const at::Tensor& v, const std::optional<at::Tensor>& held, const Call& call) {
    const at::Tensor held_S = held.value_or(at::Tensor());
    const Pass pass = run_forward(q, k, v, held_S, call);
    context->save_for_backward({q, k, v, held_S, pass.out_TQH, pass.log_sum_TQ});
    std::vector<int64_t> rows, held_rows;
    for (const AttentionSpan& span : call.spans) {
      rows.push_back(span.rows);
      held_rows.push_back(span.held);
    }
    context->saved_data["rows"] = rows;
    context->saved_data["held"] = held_rows;
    context->saved_data["causal"] = call.mask == AttentionMask::causal;
    return pass.out_TQH;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const torch::autograd::variable_list saved = context->get_saved_variables();
    const at::Tensor &k = saved[1], &held_S = saved[3];
    const Pass pass{
        .q_TQH = saved[0],
        .k_SGH = gathered(k, held_S),
        .v_SGH = gathered(saved[2], held_S),
        .out_TQH = saved[4],
        .log_sum_TQ = saved[5],
        .spans = to_spans(context->saved_data["rows"].toIntVector(), context->saved_data["held"].toIntVector()),
        .mask = context->saved_data["causal"].toBool() ? AttentionMask::causal : AttentionMask::full};
    torch::autograd::variable_list out = backward_pass(pass, gradients[0].contiguous());
    for (size_t i = 1; held_S.defined() && i < 3; ++i) {
      out[i] = at::zeros(k.sizes(), k.options()).index_add_(0, held_S, out[i]);
    }
    out.resize(5);
    return out;
  }

  static std::vector<AttentionSpan> to_spans(const std::vector<int64_t>& rows, const std::vector<int64_t>& held) {
    std::vector<AttentionSpan> spans;
    for (size_t i = 0; i < rows.size(); ++i) spans.push_back({.rows = rows[i], .held = held[i]});
    return spans;
  }
};

at::Tensor with_plain_rows(const at::Tensor& x) { return x.stride(2) == 1 ? x : x.contiguous(); }

at::Tensor attend(const at::Tensor& q_TQH, const at::Tensor& k_TGH, const at::Tensor& v_TGH, const at::Tensor& held_S,
                  const Call& call) {
  R1V_CHECK(!call.spans.empty() && q_TQH.size(1) % k_TGH.size(1) == 0, "attention over ", call.spans.size(), " spans, ",
            q_TQH.size(1), " query heads, ", k_TGH.size(1), " key heads");
  const bool has_loops = has_fast_rows(q_TQH, k_TGH, v_TGH) && q_TQH.size(2) % 16 == 0;
  const bool is_paged = call.order == SumOrder::paged;
  R1V_CHECK(!is_paged || (has_loops && q_TQH.scalar_type() == at::kFloat), "paged sums over ", q_TQH.toString());
  if (!is_paged && (!has_loops || q_TQH.size(0) < kMinRows)) {
    return each_span(q_TQH, gathered(k_TGH, held_S), gathered(v_TGH, held_S), call.spans, call.mask, library_attention);
  }
  const at::Tensor q = with_plain_rows(q_TQH), k = with_plain_rows(k_TGH), v = with_plain_rows(v_TGH);
  if (!wants_gradient(q, k, v)) return run_forward(q, k, v, held_S, call).out_TQH;
  return PackedAttentionFunction::apply(q, k, v, optional_tensor(held_S), call);
}

}  // namespace

at::Tensor packed_attention(const at::Tensor& q_TQH, const at::Tensor& k_SGH, const at::Tensor& v_SGH,
                            const std::vector<AttentionSpan>& spans, AttentionMask mask) {
  return attend(q_TQH, k_SGH, v_SGH, {}, {.spans = spans, .mask = mask});
}

at::Tensor shared_attention(const at::Tensor& q_TQH, const at::Tensor& k_TGH, const at::Tensor& v_TGH,
                            const at::Tensor& held_S, const std::vector<AttentionSpan>& spans, SumOrder order) {
  return attend(q_TQH, k_TGH, v_TGH, held_S, {.spans = spans, .mask = AttentionMask::causal, .order = order});
}

at::Tensor packed_attention_reference(const at::Tensor& q_TQH, const at::Tensor& k_SGH, const at::Tensor& v_SGH,
                                      const std::vector<AttentionSpan>& spans, AttentionMask mask) {
  return each_span(q_TQH, k_SGH, v_SGH, spans, mask, plain_attention);
}

}  // namespace r1v

// Products with bfloat16 weights for processors that multiply pairs of bfloat16.
#include "kernels/packed_product_body.h"

namespace r1v {
namespace {

/// Both products of a pair are added at once; denormal numbers count as zero.
struct MultipliedPairs {
  static constexpr int kWordsAStep = 1;
  template <int>
  R1V_INLINE static Floats add_product(Floats sums, Floats weights, uint32_t x) {
    const auto pairs = [](Ints ints) { return reinterpret_cast<__m512bh>(ints); };
    return _mm512_dpbf16_ps(sums, pairs(as_ints(weights)), pairs(all_ints(static_cast<int32_t>(x))));
  }
};

/// Rounds to nearest, ties to even.
void prepare_pairs(const PanelLayout& layout, const float* x, const PreparedRows& row) {
  auto* const to = reinterpret_cast<uint16_t*>(row.words);
  for (int64_t i = 0; i < layout.inputs; i += 16) {
    const int64_t left = layout.inputs - i;
    const __mmask16 mask = left >= 16 ? 0xFFFF : static_cast<__mmask16>((1u << left) - 1);
    const __m256bh rounded = _mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, x + i));
    _mm256_mask_storeu_epi16(to + i, mask, reinterpret_cast<__m256i>(rounded));
  }
  if (layout.inputs % 2 != 0) to[layout.inputs] = 0;
}

}  // namespace

constinit const ProductLoops kBfloatProductAvx512Bfloat = {"avx512 bfloat16 weights and activations", 2, false,
                                                           prepare_pairs, multiply_chains<MultipliedPairs>};

}  // namespace r1v

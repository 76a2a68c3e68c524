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

}  // namespace

constinit const ProductLoops kBfloatProductAvx512Bfloat = {"avx512 bfloat16 weights and activations", 2, false,
                                                           prepare_pairs, multiply_chains<MultipliedPairs>};

}  // namespace r1v

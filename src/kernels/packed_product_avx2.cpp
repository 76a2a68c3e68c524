// Products with packed weights for AVX2.
#include "kernels/packed_product_body.h"

namespace r1v {

constinit const ProductLoops kFloatProductAvx2 = {"avx2 float32", 1, false, prepare_floats,
                                                  multiply_chains<PlainFloats>};
constinit const ProductLoops kBfloatProductAvx2 = {"avx2 bfloat16 weights, float32 activations", 1, false,
                                                   prepare_floats, multiply_chains<WidenedPairs>};
constinit const ProductLoops kInt8ProductAvx2 = {"avx2 int8 weights and activations", 4, true, prepare_bytes,
                                                 multiply_integers<Bytes>};
constinit const ProductLoops kInt4ProductAvx2 = {"avx2 int4 weights, int8 activations", 4, true, prepare_bytes,
                                                 multiply_integers<Nibbles>};

}  // namespace r1v

// Products with packed weights for AVX-512 with byte dot products (VNNI).
#include "kernels/packed_product_body.h"

namespace r1v {

constinit const ProductLoops kFloatProductAvx512 = {"avx512 float32", 1, false, prepare_floats,
                                                    multiply_chains<PlainFloats>};
constinit const ProductLoops kBfloatProductAvx512 = {"avx512 bfloat16 weights, float32 activations", 1, false,
                                                     prepare_floats, multiply_chains<WidenedPairs>};
constinit const ProductLoops kInt8ProductAvx512 = {"avx512 vnni int8 weights and activations", 4, true, prepare_bytes,
                                                   multiply_integers<Bytes>};
constinit const ProductLoops kInt4ProductAvx512 = {"avx512 vnni int4 weights, int8 activations", 4, true, prepare_bytes,
                                                   multiply_integers<Nibbles>};

}  // namespace r1v

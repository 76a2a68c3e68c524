// The row-wise loops for AVX-512.
#include "kernels/row_loops_body.h"

namespace r1v {

constinit const RowLoops<float> kRowLoopsAvx512 = make_row_loops<float>();
constinit const RowLoops<uint16_t> kRowLoopsBfloatAvx512 = make_row_loops<uint16_t>();

}  // namespace r1v

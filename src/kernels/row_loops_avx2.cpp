// The row-wise loops for AVX2.
#include "kernels/row_loops_body.h"

namespace r1v {

constinit const RowLoops<float> kRowLoopsAvx2 = make_row_loops<float>();
constinit const RowLoops<uint16_t> kRowLoopsBfloatAvx2 = make_row_loops<uint16_t>();

}  // namespace r1v

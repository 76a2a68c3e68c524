// The attention loops for AVX2.
#include "kernels/attention_loops_body.h"

namespace r1v {

constinit const AttentionLoops<float> kAttentionLoopsAvx2 = make_attention_loops<float>();
constinit const AttentionLoops<uint16_t> kAttentionLoopsBfloatAvx2 = make_attention_loops<uint16_t>();

}  // namespace r1v

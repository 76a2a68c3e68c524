// The attention loops for AVX-512.
#include "kernels/attention_loops_body.h"

namespace r1v {

constinit const AttentionLoops<float> kAttentionLoopsAvx512 = make_attention_loops<float>();
constinit const AttentionLoops<uint16_t> kAttentionLoopsBfloatAvx512 = make_attention_loops<uint16_t>();

}  // namespace r1v

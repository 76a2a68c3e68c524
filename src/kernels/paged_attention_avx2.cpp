// The paged attention loops for AVX2.
#include "kernels/paged_attention_body.h"

namespace r1v {

constinit const PagedAttentionLoops kPagedAttentionLoopsAvx2 = make_paged_attention_loops();

}  // namespace r1v

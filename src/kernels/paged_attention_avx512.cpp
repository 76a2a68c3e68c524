// The paged attention loops for AVX-512.
#include "kernels/paged_attention_body.h"

namespace r1v {

constinit const PagedAttentionLoops kPagedAttentionLoopsAvx512 = make_paged_attention_loops();

}  // namespace r1v

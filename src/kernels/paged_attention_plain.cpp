// The paged attention loops for any x86-64 (and other machines).
#include "kernels/paged_attention_body.h"

namespace r1v {

constinit const PagedAttentionLoops kPagedAttentionLoopsPlain = make_paged_attention_loops();

}  // namespace r1v

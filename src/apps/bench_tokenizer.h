// A byte-level tokenizer of any size for checkpoints that nobody has trained.
#pragma once

#include <cstdint>
#include <string>

namespace r1v {

/// tokenizer.json: 256 bytes, then merged tokens (as many merges as a real tokenizer of this size has), then, 293 rows
/// before the end as in Qwen2.5, the control tokens of the family.
std::string bench_tokenizer(int64_t vocab_size);

/// The first of them, <|endoftext|>.
int64_t first_control_id(int64_t vocab_size);

}  // namespace r1v

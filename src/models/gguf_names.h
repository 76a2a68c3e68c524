// How the tensors of a language model are named in GGUF files and in Hugging Face checkpoints.
#pragma once

#include <string>

namespace r1v {

/// "blk.3.attn_q.weight" -> "model.layers.3.self_attn.q_proj.weight"; names of no such tensor stay as they are.
std::string hugging_face_name(const std::string& gguf_name);

/// The other way round; "" when GGUF has no such tensor.
std::string gguf_name(const std::string& hugging_face_name);

}  // namespace r1v

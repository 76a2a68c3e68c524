// Writes the language model of a checkpoint as a GGUF file that other programs read too.
#pragma once

#include <filesystem>
#include <string>

namespace r1v {

/// `model` is a checkpoint folder, R1V or plain Qwen2, in any form that open_checkpoint reads, or a GGUF file;
/// pictures' parts are left out. Matrices become `type_name` (f32, f16, bf16, q8_0, q4_0, q4_1, q5_0, q5_1, q4_k,
/// q6_k); those whose rows are no whole number of blocks become q5_0 (instead of q4_k), q8_0 or f16, which is logged;
/// norms and biases stay float32. Tokenizer and chat template go along. throws InputError: unknown type, a tokenizer
/// that GGUF has no words for, a network that is no Qwen2, values that the type cannot hold, a file that cannot be
/// written.
void export_gguf(const std::filesystem::path& model, const std::string& type_name,
                 const std::filesystem::path& out_file);

}  // namespace r1v

// LoRA: small matrices that learn in place of the language model's large ones.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <map>
#include <string>

#include "models/r1v.h"

namespace r1v {

/// Adds alpha / rank * B A to every matrix of the language model's layers; B is zero, A uniform in +-1 / sqrt(inputs)
/// from `seed`, so nothing changes yet. source: LoRA (arXiv 2106.09685); initial values as PEFT 0.17.
/// throws InputError: rank below 1, or a network that has them already.
void add_low_rank(R1vModel& model, int64_t rank, double alpha, uint64_t seed);

/// Whether a parameter is one of those small matrices.
bool is_low_rank(const std::string& parameter_name);

/// The matrices that have additions, with them, under the matrices' names.
std::map<std::string, at::Tensor> merged_low_rank(R1vModel& model);

}  // namespace r1v

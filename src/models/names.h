// How the parameters of a network are named in checkpoint folders, and what a folder lacks or has too much.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "io/tensor_source.h"
#include "tensor/module.h"

namespace r1v {

/// A checkpoint laid beside a network.
struct CheckpointMatch {
  std::map<std::string, std::string> stored_name;  // parameter -> name in the folder; only those found and fitting
  std::vector<std::string> missing;
  std::vector<std::string> surplus;    // in the folder, unknown to the network
  std::vector<std::string> misshapen;  // "name: found [2, 3] float32, expected [3, 2]"
  std::vector<std::string> tolerated;  // surplus that says nothing new: rotary buffers, the copy of a tied head

  bool is_complete() const { return missing.empty() && surplus.empty() && misshapen.empty(); }
  /// All faults in one text, each list cut after 20 names.
  std::string faults() const;
};

/// Looks up every parameter under its own name, then under the name variants in use: a language model with or without
/// the "language_model." in front.
CheckpointMatch match_checkpoint(Module& network, const TensorSource& checkpoint);

}  // namespace r1v

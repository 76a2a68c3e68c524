// What one forward pass over packed tokens means: which tokens form a sequence and where they stand in it.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "nn/kv_store.h"

namespace r1v {

/// A run of consecutive tokens that belong to one sequence (a document while training, a request while serving).
struct TokenSpan {
  int64_t sequence = 0;  // the KvStore's name for it; unused while training
  int64_t past = 0;      // tokens of the sequence before this pass's: in the store, or shared (held_S)
  int64_t count = 0;     // tokens of this pass
};

/// T tokens, the spans in order, covering all of them. A token sees its own span's earlier tokens and the store's.
struct TokenPlan {
  at::Tensor positions;  // int64
  /// While training, where documents share a beginning that stands in one of them: for every span in order the rows of
  /// its past + count keys and values among the T. Undefined: every span sees itself alone, and all `past` are 0.
  at::Tensor held_S;
  std::vector<TokenSpan> spans;
  KvStore* store = nullptr;  // null while training: nothing is kept
  bool recompute = false;    // while training: keep only each layer's input and compute the layer again in backward
};

/// Plan for documents of the given lengths packed one after the other, positions from 0 in each.
TokenPlan packed_plan(const std::vector<int64_t>& lengths);

}  // namespace r1v

// A loss leaves its function as a sum and a count; whoever knows every count of a step divides, once.
#pragma once

#include <ATen/ATen.h>

namespace r1v {

/// sum    scalar tensor in nats (or whatever the loss measures), part of the autograd graph.
/// count  how many tokens, pairs or samples the sum runs over.
struct LossSum {
  at::Tensor sum;
  double count = 0;
};

}  // namespace r1v

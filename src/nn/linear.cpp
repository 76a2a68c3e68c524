// Registers the parameters of a matrix product.
#include "nn/linear.h"

namespace r1v {

Linear::Linear(int64_t in_features, int64_t out_features, Bias with_bias) {
  parameter("weight", weight, {out_features, in_features});
  if (with_bias == Bias::present) parameter("bias", bias, {out_features});
}

}  // namespace r1v

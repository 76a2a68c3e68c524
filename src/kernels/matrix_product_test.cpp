// Products of every layout against the same in double.
#include "kernels/matrix_product.h"

#include <gtest/gtest.h>

namespace r1v {
namespace {

struct Shape {
  int64_t rows, depth, columns;
};
// Both sides of the size from which oneDNN takes over; wide, deep and tall, so that either operand is laid out anew.
constexpr Shape kShapes[] = {{3, 5, 7}, {640, 1024, 1024}, {1024, 4096, 192}, {192, 1024, 4096}, {4096, 192, 1024}};

at::Tensor stored_turned(const at::Tensor& matrix) { return matrix.t().contiguous().t(); }

TEST(MatrixProduct, EveryLayoutIsTheProduct) {
  for (const auto& [rows, depth, columns] : kShapes) {
    const at::Tensor a_MK = at::randn({rows, depth}), b_KN = at::randn({depth, columns});
    const at::Tensor expected_MN = a_MK.to(at::kDouble).mm(b_KN.to(at::kDouble));
    const double size = expected_MN.square().mean().sqrt().item<double>();
    for (const at::Tensor& a : {a_MK, stored_turned(a_MK)}) {
      for (const at::Tensor& b : {b_KN, stored_turned(b_KN)}) {
        const at::Tensor difference_MN = matrix_product(a, b).to(at::kDouble) - expected_MN;
        const double error = difference_MN.square().mean().sqrt().item<double>();
        // Rounding grows like sqrt(K) 2^-24: 4e-6 at 4,096. Numbers cut to bfloat16 or TF32 would be 1e-2 and 1e-3 off.
        EXPECT_LT(error / size, 4e-6) << rows << " x " << depth << " x " << columns;
      }
    }
  }
}

TEST(MatrixProduct, ThisLibTorchHasTheFasterLibrary) { EXPECT_TRUE(has_onednn_products()); }

TEST(MatrixProduct, RepeatsItself) {
  const at::Tensor a_MK = at::randn({700, 1024}), b_KN = at::randn({1024, 900});
  EXPECT_TRUE(matrix_product(a_MK, b_KN).equal(matrix_product(a_MK.clone(), b_KN.clone())));
}

TEST(MatrixProduct, LeavesOtherNumbersToTheLibrary) {
  const at::Tensor a_MK = at::randn({1024, 1024}).to(at::kBFloat16), b_KN = at::randn({1024, 1024}).to(at::kBFloat16);
  EXPECT_TRUE(matrix_product(a_MK, b_KN).equal(at::mm(a_MK, b_KN)));
}

}  // namespace
}  // namespace r1v

// Fast products: near the definition, equal to the plain integer model, and every row independent of its company.
#include "kernels/packed_product.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

namespace r1v {
namespace {

constexpr WeightFormat kFormats[] = {WeightFormat::float32, WeightFormat::bfloat16, WeightFormat::int8,
                                     WeightFormat::int4};

struct Shape {
  int64_t outputs, inputs, group;  // group 0: the whole row
};

bool is_integer(WeightFormat format) { return format == WeightFormat::int8 || format == WeightFormat::int4; }

/// Any values, scales that need `scale_type`, zero points where `has_zeros`.
IntegerWeight integers(WeightFormat format, const Shape& shape, at::ScalarType scale_type, bool has_zeros) {
  const int64_t groups = shape.group == 0 ? 1 : shape.inputs / shape.group;
  const int64_t most = format == WeightFormat::int4 ? 16 : 256;
  const at::Tensor values = at::randint(most, {shape.outputs, shape.inputs}, at::kInt);
  const at::Tensor scales = (at::rand({shape.outputs, groups}) + 0.1).div(100).to(scale_type);
  if (!has_zeros) return {values.sub(most / 2).to(at::kChar), scales, {}};
  return {values.to(at::kByte), scales, at::randint(most, {shape.outputs, groups}, at::kInt)};
}

PackedWeight make_weight(WeightFormat format, const Shape& shape, bool has_zeros = true) {
  if (!is_integer(format)) return {at::randn({shape.outputs, shape.inputs}), format};
  return {integers(format, shape, has_zeros ? at::kFloat : at::kHalf, has_zeros), format};
}

at::Tensor run(const ProductLoops& loops, const PackedWeight& weight, const at::Tensor& x_MI) {
  const at::Tensor y_MO = at::full({x_MI.size(0), weight.outputs()}, std::nanf(""));
  packed_product_with(loops, weight,
                      {.x = x_MI.const_data_ptr<float>(),
                       .x_stride = x_MI.stride(0),
                       .rows = x_MI.size(0),
                       .y = y_MO.data_ptr<float>(),
                       .y_stride = weight.outputs()});
  return y_MO;
}

/// sum over the inputs of |x| |w|: what rounding errors are measured by.
at::Tensor magnitude(const PackedWeight& weight, const at::Tensor& x_MI) {
  return x_MI.abs().matmul(weight.unpack().abs().t());
}

/// How far the fast product may be away: float32 sums of up to 5000 numbers stay within 1e-5 of sum |x| |w|. bfloat16
/// has 8 bits, so rounding x moves each product by up to 2^-8 of itself. Integers move each x by half of its group's
/// absmax / 127; at most 128 inputs share a group, here simply all inputs.
at::Tensor tolerance(const ProductLoops& loops, const PackedWeight& weight, const at::Tensor& x_MI) {
  const at::Tensor sums = magnitude(weight, x_MI) * 1e-5;
  if (loops.rounds_to_groups) {
    const at::Tensor step_M1 = std::get<0>(x_MI.abs().max(1, true)) / 254;
    return sums + step_M1 * weight.unpack().abs().sum(1).unsqueeze(0);
  }
  return loops.inputs_a_word == 2 ? sums + magnitude(weight, x_MI) / 256 : sums;
}

class PackedProduct : public testing::Test {
 protected:
  void SetUp() override { at::manual_seed(5); }
  void TearDown() override { at::set_num_threads(1); }
};

TEST_F(PackedProduct, StaysWithinTheRoundingBoundsOfTheDefinition) {
  for (const WeightFormat format : kFormats) {
    for (const Shape& shape : {Shape{64, 256, 32}, {33, 160, 0}, {5, 32, 32}, {128, 896, 128}, {70, 4864, 64}}) {
      const PackedWeight weight = make_weight(format, shape);
      for (const ProductLoops* loops : product_loops(format)) {
        for (const int64_t rows : {1, 4, 9}) {
          const at::Tensor x = at::randn({rows, shape.inputs});
          const at::Tensor excess =
              (run(*loops, weight, x) - packed_product_reference(weight, x, {})).abs() / tolerance(*loops, weight, x);
          EXPECT_LE(excess.max().item<float>(), 1.0f)
              << loops->name << ", " << rows << " x " << shape.inputs << " -> " << shape.outputs;
        }
      }
    }
  }
}

TEST_F(PackedProduct, TakesAnyNumberOfInputsInFloats) {
  for (const WeightFormat format : {WeightFormat::float32, WeightFormat::bfloat16}) {
    for (const int64_t inputs : {1, 2, 15, 17, 37, 1027}) {
      const PackedWeight weight = make_weight(format, {19, inputs, 0});
      for (const ProductLoops* loops : product_loops(format)) {
        const at::Tensor x = at::randn({8, inputs});
        const at::Tensor excess =
            (run(*loops, weight, x) - packed_product_reference(weight, x, {})).abs() / tolerance(*loops, weight, x);
        EXPECT_LE(excess.max().item<float>(), 1.0f) << loops->name << ", " << inputs << " inputs";
      }
    }
  }
}

TEST_F(PackedProduct, OfIntegersEqualsThePlainModel) {
  for (const WeightFormat format : {WeightFormat::int8, WeightFormat::int4}) {
    for (const Shape& shape : {Shape{64, 256, 32}, {33, 160, 0}, {16, 64, 64}, {37, 896, 128}, {16, 768, 192}}) {
      for (const bool has_zeros : {false, true}) {
        const PackedWeight weight = make_weight(format, shape, has_zeros);
        const at::Tensor x = at::randn({13, shape.inputs});
        const auto all = product_loops(format);
        const at::Tensor expected = run(*all.back(), weight, x);
        for (const ProductLoops* loops : all) {
          EXPECT_TRUE(run(*loops, weight, x).equal(expected))
              << loops->name << ", " << shape.outputs << " x " << shape.inputs << " by " << shape.group;
        }
      }
    }
  }
}

// Every weight is -128 (as stored 0) or 127 (255), every x is 127 steps: sums of pairs leave 16 bits if they are not
// split. y = 128 inputs * 127 steps * step * weight, and step = 1 / 127 for x = 1, so 128 * weight.
TEST_F(PackedProduct, OfTheLargestIntegersIsExact) {
  for (const int value : {-128, 127}) {
    const at::Tensor values = at::full({16, 128}, value, at::kChar);
    const PackedWeight weight(IntegerWeight{values, at::ones({16, 1}), {}}, WeightFormat::int8);
    for (const ProductLoops* loops : product_loops(WeightFormat::int8)) {
      for (const float sign : {1.0f, -1.0f}) {
        const at::Tensor y = run(*loops, weight, at::full({1, 128}, sign));
        EXPECT_FLOAT_EQ(y.min().item<float>(), sign * 128.0f * static_cast<float>(value)) << loops->name;
        EXPECT_FLOAT_EQ(y.max().item<float>(), sign * 128.0f * static_cast<float>(value)) << loops->name;
      }
    }
  }
}

TEST_F(PackedProduct, GivesARowTheSameBitsInAnyCompany) {
  for (const WeightFormat format : kFormats) {
    for (const Shape& shape : {Shape{72, 1184, 32}, {1000, 544, 0}}) {
      const PackedWeight weight = make_weight(format, shape);
      const at::Tensor x = at::randn({200, shape.inputs});
      for (const ProductLoops* loops : product_loops(format)) {
        const bool is_plain = std::strstr(loops->name, "plain") != nullptr;  // slow, and obviously row by row
        if (is_plain) continue;
        std::vector<at::Tensor> alone;
        for (int64_t row = 0; row < x.size(0); ++row) alone.push_back(run(*loops, weight, x.narrow(0, row, 1)));
        const at::Tensor expected = at::cat(alone);
        for (const int threads : {1, 2}) {
          at::set_num_threads(threads);
          for (const int64_t rows : {1, 2, 3, 5, 7, 16, 17, 33, 200}) {
            const at::Tensor some = x.narrow(0, x.size(0) - rows, rows);
            EXPECT_TRUE(run(*loops, weight, some).equal(expected.narrow(0, x.size(0) - rows, rows)))
                << loops->name << ", " << rows << " rows, " << threads << " threads";
          }
        }
      }
    }
  }
}

TEST_F(PackedProduct, AddsBiasAndWhatWasThereAndKeepsToItsColumns) {
  for (const WeightFormat format : kFormats) {
    const PackedWeight weight = make_weight(format, {37, 64, 32});
    const at::Tensor x = at::randn({9, 80}), bias = at::randn({37}), before = at::randn({9, 50});
    for (const ProductLoops* loops : product_loops(format)) {
      const at::Tensor product = run(*loops, weight, x.narrow(1, 0, 64));
      for (const bool adds : {false, true}) {
        const at::Tensor y = before.clone();
        packed_product_with(*loops, weight,
                            {.x = x.const_data_ptr<float>(),
                             .x_stride = 80,
                             .rows = 9,
                             .bias = bias.const_data_ptr<float>(),
                             .y = y.data_ptr<float>(),
                             .y_stride = 50,
                             .adds = adds});
        const at::Tensor with_bias = product + bias;
        EXPECT_TRUE(y.narrow(1, 0, 37).equal(adds ? with_bias + before.narrow(1, 0, 37) : with_bias)) << loops->name;
        EXPECT_TRUE(y.narrow(1, 37, 13).equal(before.narrow(1, 37, 13))) << loops->name;
      }
    }
  }
}

TEST_F(PackedProduct, DoesNotHideWhatIsNotANumber) {
  for (const WeightFormat format : kFormats) {
    const PackedWeight weight = make_weight(format, {16, 64, 32});
    for (const ProductLoops* loops : product_loops(format)) {
      const at::Tensor x = at::zeros({2, 64});
      EXPECT_TRUE(run(*loops, weight, x).equal(at::zeros({2, 16}))) << loops->name;
      x[1][40] = std::nanf("");
      const at::Tensor y = run(*loops, weight, x);
      EXPECT_TRUE(y[0].equal(at::zeros({16}))) << loops->name;
      EXPECT_TRUE(y[1].isnan().all().item<bool>()) << loops->name;
    }
  }
}

// 32 inputs a group. The largest magnitude, 2.54, becomes 127: steps of 0.02, so 1 is 50 and -0.031 is -1.55, thus -2.
// The second group is zeros.
TEST_F(PackedProduct, RoundsRowsToInt8ByTheLargestOfAGroup) {
  std::vector<float> x(64, 0.0f), scales(2);
  x[0] = 1.0f;
  x[7] = -2.54f;
  x[31] = -0.031f;
  std::vector<int8_t> values(64, 99);
  round_to_int8(x.data(), 64, 32, values.data(), scales.data());
  EXPECT_FLOAT_EQ(scales[0], 0.02f);
  EXPECT_EQ(scales[1], 0.0f);
  std::vector<int8_t> expected(64, 0);
  expected[0] = 50;
  expected[7] = -127;
  expected[31] = -2;
  EXPECT_EQ(values, expected);
}

TEST_F(PackedProduct, NamesWhatItRuns) {
  for (const WeightFormat format : kFormats) {
    EXPECT_EQ(product_kernel_name(format), product_loops(format).front()->name);
    EXPECT_NE(product_kernel_name(format).find(is_integer(format) ? format_name(format) : "float"), std::string::npos);
  }
}

}  // namespace
}  // namespace r1v

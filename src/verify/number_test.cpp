// Exact as long as possible, undecidable instead of slow.
#include "verify/number.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace r1v {
namespace {

class ArithmeticTest : public testing::Test {
 protected:
  Number n(const char* digits) { return Number::parse(digits); }
  bool equal(const Number& a, const Number& b) { return exact.subtract(a, b).is_zero(); }
  WorkBudget budget{1 << 23};
  Arithmetic exact{320, budget};
};

TEST_F(ArithmeticTest, ReadsDecimalsExactly) {
  EXPECT_TRUE(equal(n("0.1"), exact.divide(Number(1), Number(10))));
  EXPECT_TRUE(equal(n("12.50"), exact.divide(Number(25), Number(2))));
  EXPECT_TRUE(equal(n(".5"), exact.divide(Number(1), Number(2))));
  EXPECT_TRUE(equal(n("3e4"), Number(30000)));
  EXPECT_TRUE(equal(n("25e-3"), exact.divide(Number(1), Number(40))));
  EXPECT_EQ(n("17").to_integer(), 17);
  EXPECT_EQ(n("17.5").to_integer(), std::nullopt);
}

TEST_F(ArithmeticTest, KeepsRationalsExact) {
  EXPECT_TRUE(equal(exact.add(n("0.1"), n("0.2")), n("0.3")));
  EXPECT_TRUE(equal(exact.power(Number(2), Number(-3)), n("0.125")));
  EXPECT_TRUE(equal(exact.power(n("6.25"), n("0.5")), n("2.5")));  // 2.5^2 = 6.25
  EXPECT_TRUE(equal(exact.root(Number(-27), Number(3)), Number(-3)));
  EXPECT_TRUE(equal(exact.power(Number(-1), Number(1000000000000001)), Number(-1)));
  EXPECT_TRUE(equal(exact.factorial(Number(5)), Number(120)));
  EXPECT_TRUE(equal(exact.binomial(Number(6), Number(2)), Number(15)));
  EXPECT_TRUE(equal(exact.floor(n("-3.7")), Number(-4)));
  EXPECT_TRUE(equal(exact.ceiling(n("3.2")), Number(4)));
  EXPECT_TRUE(equal(exact.round(n("0.2857145"), 6), n("0.285715")));
  EXPECT_TRUE(equal(exact.round(n("-2.5"), 0), Number(-3)));  // halves away from zero
}

TEST_F(ArithmeticTest, ComputesRealsToTheirPrecision) {
  const Number two = exact.power(exact.root(Number(2), Number(2)), Number(2));
  EXPECT_FALSE(two.is_exact());
  EXPECT_LT(exact.subtract(two, Number(2)).log2_size(), -310);  // sqrt(2)^2 with 320 bits
  EXPECT_TRUE(exact.subtract(two, Number(2)).is_zero());        // proven: |sqrt(2)^2 - 2| is 0 or at least 1/16
  // 355/113 - pi = 2.667641890624e-7, and log2 of that is -21.8.
  const Number gap = exact.subtract(exact.divide(Number(355), Number(113)), exact.pi());
  EXPECT_EQ(gap.sign(), 1);
  EXPECT_NEAR(gap.log2_size(), -21.8, 1);
  EXPECT_LT(exact.subtract(exact.apply("ln", exact.e()), Number(1)).log2_size(), -310);
  EXPECT_LT(exact.subtract(exact.log(Number(8), Number(2)), Number(3)).log2_size(), -310);
}

TEST_F(ArithmeticTest, RefusesWhatHasNoRealValueOrTooLargeAOne) {
  EXPECT_THROW(exact.divide(Number(1), Number(0)), Undecidable);
  EXPECT_THROW(exact.power(Number(0), Number(-1)), Undecidable);
  EXPECT_THROW(exact.root(Number(-4), Number(2)), Undecidable);
  EXPECT_THROW(exact.apply("ln", Number(-1)), Undecidable);
  EXPECT_THROW(exact.power(Number(10), n("1e9")), Undecidable);
  EXPECT_THROW(exact.factorial(Number(1000000)), Undecidable);
  EXPECT_THROW(exact.factorial(n("2.5")), Undecidable);
  EXPECT_THROW(exact.apply("sin", n("1e4000")), Undecidable);
  EXPECT_THROW(exact.apply("gamma", Number(1)), Undecidable);
  EXPECT_THROW(n("1e99999999"), Undecidable);
}

TEST_F(ArithmeticTest, ProvesThatValuesDifferOrAsksForMoreBits) {
  const Arithmetic coarse(64, budget);
  const auto gap = [&](const Arithmetic& a) {  // sqrt(10^60 + 1) - 10^30 = 5 * 10^-31, which is 2^-101
    const Number big = a.power(Number(10), Number(60));
    return a.subtract(a.root(a.add(big, Number(1)), Number(2)), a.power(Number(10), Number(30)));
  };
  EXPECT_THROW(gap(coarse).is_zero(), NeedPrecision);
  EXPECT_FALSE(gap(exact).is_zero());
  EXPECT_EQ(gap(exact).sign(), 1);
  // exp(1) exp(-1) - 1: nothing is proven about e, so 384 bits are asked for.
  const auto product = [&](const Arithmetic& a) {
    return a.subtract(a.multiply(a.e(), a.apply("exp", Number(-1))), Number(1));
  };
  EXPECT_THROW(product(exact).is_zero(), NeedPrecision);
  EXPECT_TRUE(product(Arithmetic(512, budget)).is_zero());
  // A tiny value on the way raises the demand: 1 + exp(-1000) is 1 up to 1,442 bits.
  const auto hidden = [&](const Arithmetic& a) {
    return a.subtract(a.add(Number(1), a.apply("exp", Number(-1000))), Number(1));
  };
  EXPECT_THROW(hidden(Arithmetic(1024, budget)).is_zero(), NeedPrecision);
  EXPECT_FALSE(hidden(Arithmetic(2048, budget)).is_zero());
}

TEST_F(ArithmeticTest, KnowsComplexNumbersWhereTheyAreAllowed) {
  const Arithmetic complex = exact.in(Domain::complex);
  const Number i = complex.imaginary_unit();
  EXPECT_TRUE(complex.add(complex.multiply(i, i), Number(1)).is_zero());
  EXPECT_TRUE(complex.subtract(complex.root(Number(-4), Number(2)), complex.multiply(Number(2), i)).is_zero());
  EXPECT_THROW(i.sign(), Undecidable);
  EXPECT_THROW(exact.imaginary_unit(), Undecidable);
}

TEST_F(ArithmeticTest, StopsWhenTheBudgetIsSpent) {
  WorkBudget small(20000);
  const Arithmetic poor(320, small);
  const Number big = poor.power(Number(3), Number(5000));  // about 8,000 bits
  EXPECT_THROW(poor.multiply(big, poor.multiply(big, big)), Undecidable);
}

}  // namespace
}  // namespace r1v

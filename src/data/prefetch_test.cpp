// Results come in order, errors at their place, and no thread runs away.
#include "data/prefetch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>

#include "base/error.h"

namespace r1v {
namespace {

std::optional<Sample> numbered(int64_t position) { return Sample{.input_ids = {position}}; }

TEST(Prefetch, HandsOutInOrderWhoeverIsFaster) {
  const auto make = [](int64_t position) {
    std::this_thread::sleep_for(std::chrono::microseconds(position % 3 * 300));
    return numbered(position);
  };
  Prefetch prefetch(make, 5, /*threads=*/4, /*ahead=*/6);
  for (int64_t expected = 5; expected < 40; ++expected) EXPECT_EQ(prefetch.take()->input_ids.at(0), expected);
}

TEST(Prefetch, NeverWorksFurtherAheadThanAllowed) {
  std::atomic<int64_t> furthest = -1;
  const auto make = [&](int64_t position) {
    furthest = std::max<int64_t>(furthest, position);
    return numbered(position);
  };
  Prefetch prefetch(make, 0, /*threads=*/1, /*ahead=*/4);
  for (int64_t i = 0; i < 20; ++i) {
    prefetch.take();
    EXPECT_LE(furthest, i + 4);
  }
}

TEST(Prefetch, RaisesAnErrorWhenItsTurnComes) {
  const auto make = [](int64_t position) {
    if (position == 2) throw InputError("line 3 is bad");
    return numbered(position);
  };
  for (const int64_t threads : {0, 2}) {
    Prefetch prefetch(make, 0, threads, 8);
    prefetch.take();
    prefetch.take();
    EXPECT_THROW(prefetch.take(), InputError);
    EXPECT_EQ(prefetch.take()->input_ids.at(0), 3);
  }
}

}  // namespace
}  // namespace r1v

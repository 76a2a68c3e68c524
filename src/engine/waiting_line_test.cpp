// The line that questions wait in, by hand and from many threads.
#include "engine/waiting_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "engine/ticket_state.h"
#include "engine/work_signal.h"

namespace r1v {
namespace {

using testing::ElementsAre;
using Line = WaitingLine<int>;

TEST(WaitingLine, TakesAsManyAsThereArePlacesFirstComeFirstServed) {
  Line line({.places = 2, .max_waiting = 10});
  for (const int name : {1, 2, 3}) line.push(name, {});
  EXPECT_EQ(line.take(), 1);
  EXPECT_EQ(line.take(), 2);
  EXPECT_EQ(line.take(), std::nullopt);
  EXPECT_EQ(line.counts().running, 2);
  EXPECT_EQ(line.counts().waiting, 1);
  line.is_over({});
  EXPECT_EQ(line.take(), 3);
}

TEST(WaitingLine, OneThatWantsMorePlacesThanThereAreBeginsOnceOneIsFree) {
  Line line({.places = 4, .max_waiting = 10});
  line.push(1, {.places = 9});
  line.push(2, {});
  EXPECT_EQ(line.take(), 1);
  EXPECT_EQ(line.take(), std::nullopt);
  line.is_over({.places = 9});
  EXPECT_EQ(line.take(), 2);
}

TEST(WaitingLine, OnlyThoseWithoutAPlaceCountAsWaiting) {
  Line line({.places = 2, .max_waiting = 1});
  for (const int name : {1, 2, 3}) line.push(name, {});  // two will find a place, one waits
  EXPECT_THROW(line.push(4, {}), OverloadedError);
  EXPECT_THROW(line.check_room(), OverloadedError);
  line.take();
  EXPECT_THROW(line.push(4, {}), OverloadedError);
  line.is_over({});
  line.push(4, {});  // the third has a place now
}

TEST(WaitingLine, WhatWaitsHasALimitInBytesButOneAloneIsAlwaysTaken) {
  Line line({.places = 1, .max_waiting = 10, .max_bytes = 100});
  line.push(1, {.bytes = 500});
  EXPECT_THROW(line.push(2, {.bytes = 1}), OverloadedError);
  line.take();
  line.push(2, {.bytes = 60});
  line.push(3, {.bytes = 40});
  EXPECT_THROW(line.push(4, {.bytes = 1}), OverloadedError);
}

TEST(WaitingLine, AClosedOneTakesNobodyButKeepsThoseWhoWait) {
  Line line({});
  line.push(1, {});
  line.close();
  EXPECT_THROW(line.push(2, {}), ClosingError);
  EXPECT_EQ(line.take(), 1);
}

TEST(WaitingLine, ThoseWhoGiveUpLeaveAndTheOthersKeepTheirOrder) {
  Line line({.places = 1});
  for (const int name : {1, 2, 3, 4}) line.push(name, {});
  EXPECT_THAT(line.take_where([](int name) { return name % 2 == 0; }), ElementsAre(2, 4));
  EXPECT_EQ(line.take(), 1);
  line.is_over({});
  EXPECT_EQ(line.take(), 3);
}

TEST(EndRate, IsTheMeanOfTheLastGaps) {
  EndRate rate;
  rate.begin(100.0);
  rate.end(104.0);
  EXPECT_DOUBLE_EQ(rate.wait_s(1), 4.0);
  rate.end(118.0);  // 0.9 * 4 + 0.1 * 14 = 5
  EXPECT_DOUBLE_EQ(rate.wait_s(1), 5.0);
  EXPECT_DOUBLE_EQ(rate.wait_s(3), 15.0);
  EXPECT_DOUBLE_EQ(rate.wait_s(1000), 600.0);
  rate.begin(900.0);  // nobody was there meanwhile: that time does not count
  rate.end(901.0);
  EXPECT_DOUBLE_EQ(rate.wait_s(1), 4.6);  // 0.9 * 5 + 0.1 * 1
}

TEST(WaitingLine, NobodyIsLostOrServedTwiceFromManyThreads) {
  constexpr int kThreads = 8, kEach = 500;
  Line line({.places = 3, .max_waiting = 20});
  WorkSignal signal;
  std::atomic<int> accepted = 0, refused = 0, asking = kThreads;
  std::vector<std::thread> askers;
  for (int thread = 0; thread < kThreads; ++thread) {
    askers.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) {
        try {
          line.push(thread * kEach + i, {});
          ++accepted;
        } catch (const OverloadedError& error) {
          EXPECT_GE(error.retry_after_s, 1.0);
          ++refused;
        }
        signal.ring();
        if (line.counts().running > 3) ADD_FAILURE() << "too many under way";
      }
      --asking;
      signal.ring();
    });
  }
  std::vector<int> served;
  while (true) {
    const uint64_t seen = signal.rings();
    const bool was_last = asking == 0;
    while (const auto one = line.take()) {
      served.push_back(*one);
      line.is_over({});
    }
    if (was_last) break;
    signal.wait(seen);
  }
  for (std::thread& asker : askers) asker.join();
  EXPECT_EQ(accepted + refused, kThreads * kEach);
  EXPECT_EQ(static_cast<int>(served.size()), accepted);
  std::ranges::sort(served);
  EXPECT_EQ(std::ranges::adjacent_find(served), served.end());
}

TEST(TicketState, ItsWishesAreSeenFromAnotherThread) {
  const auto signal = std::make_shared<WorkSignal>();
  const auto ticket = std::make_shared<TicketState>(
      TicketState::Facts{.prompt_tokens = 7, .image_tokens = 4, .starts_thinking = true}, signal);
  const uint64_t seen = signal->rings();
  std::thread asker([ticket] { ticket->cancel(); });
  signal->wait(seen);
  EXPECT_TRUE(ticket->is_cancelled());
  EXPECT_FALSE(ticket->ends_thinking());
  asker.join();
  EXPECT_EQ(ticket->prompt_tokens(), 7);
}

}  // namespace
}  // namespace r1v

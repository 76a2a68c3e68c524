// Replies in pieces: order, silence, slow readers, clients that go.
#include <gtest/gtest.h>

#include <thread>

#include "http/server_testing.h"

namespace r1v {
namespace {

// A stream that has begun, and its client.
struct Stream {
  explicit Stream(TestHttpServer& server, int receive_buffer = 0, const std::string& keep_alive = "")
      : client(server.port(), receive_buffer) {
    client.send(get("/v1/hold"));
    const auto held = server.held.take();
    if (!held) return;
    exchange = *held;
    exchange->on_gone([slot = gone] { slot->put(monotonic_s()); });
    exchange->on_drained([slot = drained] { slot->put(1); });
    exchange->begin({.content_type = "text/event-stream"}, keep_alive);
  }
  // The server may call back when the test is over.
  const std::shared_ptr<Slot<double>> gone = std::make_shared<Slot<double>>();
  const std::shared_ptr<Slot<int>> drained = std::make_shared<Slot<int>>();
  RawClient client;
  Exchange exchange;
};

TEST(Stream, PiecesArriveInOrderFromAnyThread) {
  TestHttpServer server;
  Stream stream(server);
  ASSERT_TRUE(stream.exchange);
  std::string sent;
  for (int i = 0; i < 10000; ++i) {
    sent += std::to_string(i) + ",";
    stream.exchange->send(std::to_string(i) + ",");
  }
  while (stream.client.read().empty()) stream.client.receive(1);
  EXPECT_EQ(server->counts().streams, 1);
  stream.exchange->end();
  const auto reply = stream.client.reply();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->head.header("content-type"), "text/event-stream");
  EXPECT_TRUE(reply->head.is_chunked);
  EXPECT_EQ(reply->body, sent);
  EXPECT_EQ(stream.client.status(get("/health")), 200) << "the connection goes on";
  EXPECT_EQ(server->counts().streams, 0);
  EXPECT_EQ(stream.gone->size(), 0u);
}

TEST(Stream, EachPieceIsOutAtOnce) {
  TestHttpServer server;
  Stream stream(server);
  ASSERT_TRUE(stream.exchange);
  for (int i = 0; i < 20; ++i) {
    const std::string piece = "piece" + std::to_string(i) + ";";
    stream.exchange->send(piece);
    const double end_s = monotonic_s() + 2;
    while (stream.client.read().find(piece) == std::string::npos && monotonic_s() < end_s) stream.client.receive(0.1);
    ASSERT_NE(stream.client.read().find(piece), std::string::npos);
    ASSERT_TRUE(stream.drained->take());
    EXPECT_EQ(stream.exchange->unsent_bytes(), 0u);
  }
}

TEST(Stream, WhoAsksSoonIsCalledOnceWithinTheGatheringTime) {
  TestHttpServer server;
  Stream first(server), second(server);
  ASSERT_TRUE(first.exchange && second.exchange);
  for (Stream* stream : {&first, &second}) stream->drained->take(0.2);  // where the head alone counted
  for (int round = 0; round < 20; ++round) {
    const double start_s = monotonic_s();
    for (Stream* stream : {&first, &second}) {
      stream->exchange->call_drained_soon();
      stream->exchange->call_drained_soon();
    }
    ASSERT_TRUE(first.drained->take());
    ASSERT_TRUE(second.drained->take());
    EXPECT_LT(monotonic_s() - start_s, kGatherS + 0.2);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(first.drained->size() + second.drained->size(), 0u) << "once";
  first.exchange->call_drained_soon();
  first.exchange->end();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(first.drained->size(), 0u) << "nothing follows the end";
}

TEST(Stream, OldClientsReadToTheEndOfTheConnection) {
  TestHttpServer server;
  RawClient client(server.port());
  client.send("GET /v1/hold HTTP/1.0\r\n\r\n");
  auto exchange = server.held.take();
  ASSERT_TRUE(exchange);
  (*exchange)->begin({.body = "one "});
  (*exchange)->send("two");
  (*exchange)->end();
  EXPECT_TRUE(client.is_closed_within(2));
  EXPECT_TRUE(client.read().ends_with("\r\n\r\none two")) << client.read();
}

TEST(Stream, SilenceIsBrokenByACommentOnly) {
  TestHttpServer server({.keep_alive_comment_s = 0.3});
  Stream stream(server, 0, ": wait\n\n");
  ASSERT_TRUE(stream.exchange);
  for (int i = 0; i < 10; ++i) {  // never quiet for long
    stream.exchange->send(".");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  while (stream.client.receive(0.01)) {
  }
  EXPECT_EQ(stream.client.read().find(": wait"), std::string::npos);
  std::this_thread::sleep_for(std::chrono::milliseconds(1000));
  stream.exchange->end();
  const auto reply = stream.client.reply();
  ASSERT_TRUE(reply);
  EXPECT_TRUE(reply->body.ends_with(": wait\n\n: wait\n\n")) << reply->body;
}

TEST(Stream, AClientThatGoesIsNoticedInSilence) {
  TestHttpServer server;
  for (const bool by_reset : {false, true}) {
    Stream stream(server);
    ASSERT_TRUE(stream.exchange);
    const double start_s = monotonic_s();
    by_reset ? stream.client.reset() : stream.client.close();
    const auto gone_s = stream.gone->take(2);
    ASSERT_TRUE(gone_s);
    EXPECT_LT(*gone_s - start_s, 0.1);
    EXPECT_TRUE(stream.exchange->is_gone());
    stream.exchange->send("late");
    EXPECT_EQ(stream.exchange->unsent_bytes(), 0u);
    Slot<int> again;
    stream.exchange->on_gone([&] { again.put(1); });
    EXPECT_TRUE(again.take(0)) << "at once";
    stream.exchange->end();
    EXPECT_EQ(stream.gone->size(), 0u) << "once";
    const auto entry = server.log.take();
    ASSERT_TRUE(entry);
    EXPECT_TRUE(entry->client_gone);
  }
  EXPECT_EQ(server->counts().streams, 0);
}

TEST(Stream, AClientThatGoesBeforeTheReplyIsNoticed) {
  TestHttpServer server;
  RawClient client(server.port());
  client.send(get("/v1/hold"));
  auto exchange = server.held.take();
  ASSERT_TRUE(exchange);
  Slot<int> gone;
  (*exchange)->on_gone([&] { gone.put(1); });
  client.close();
  EXPECT_TRUE(gone.take(2));
  (*exchange)->reply({});
  const auto entry = server.log.take();
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->status, 0);
}

TEST(Stream, AClientThatEndsItsSideHasGone) {
  // A closed program and one that only ended its side look alike, so both count as gone.
  TestHttpServer server;
  Stream stream(server);
  ASSERT_TRUE(stream.exchange);
  stream.client.end_sending();
  EXPECT_TRUE(stream.gone->take(2));
}

TEST(Stream, ASlowReaderIsDroppedWhenTooMuchWaits) {
  TestHttpServer server({.max_unsent_bytes = 1 << 20});
  Stream stream(server, 4096);
  ASSERT_TRUE(stream.exchange);
  const std::string piece(10000, 'x');
  size_t sent = 0;
  size_t most_unsent = 0;
  while (!stream.exchange->is_gone() && sent < (64u << 20)) {
    stream.exchange->send(piece);
    sent += piece.size();
    most_unsent = std::max(most_unsent, stream.exchange->unsent_bytes());
  }
  EXPECT_TRUE(stream.gone->take(2));
  EXPECT_LE(most_unsent, (1u << 20) + piece.size());
  EXPECT_LT(sent, 8u << 20) << "the kernel keeps little";
}

TEST(Stream, ASlowReaderIsDroppedWhenItTakesNothingForLong) {
  TestHttpServer server({.write_timeout_s = 0.4});
  Stream stream(server, 4096);
  ASSERT_TRUE(stream.exchange);
  const double start_s = monotonic_s();
  stream.exchange->send(std::string(2 << 20, 'x'));
  const auto gone_s = stream.gone->take(5);
  ASSERT_TRUE(gone_s);
  EXPECT_GT(*gone_s - start_s, 0.3);
  EXPECT_LT(*gone_s - start_s, 1.5);
}

TEST(Stream, ASlowReaderWhoTakesSomethingStays) {
  TestHttpServer server({.write_timeout_s = 0.5});
  Stream stream(server, 4096);
  ASSERT_TRUE(stream.exchange);
  const std::string text(600000, 'x');
  stream.exchange->send(text);
  stream.exchange->end();
  for (int i = 0; i < 10; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    char bytes[20000];
    ASSERT_GT(::recv(stream.client.socket(), bytes, sizeof(bytes), 0), 0);
  }
  EXPECT_EQ(stream.gone->size(), 0u);
  EXPECT_FALSE(stream.exchange->is_gone());
}

TEST(Stream, LetGoUnfinishedIsCutSoThatTheClientSeesIt) {
  TestHttpServer server;
  RawClient client(server.port());
  client.send(get("/v1/hold"));
  auto exchange = server.held.take();
  ASSERT_TRUE(exchange);
  (*exchange)->begin({.body = "half"});
  exchange->reset();
  EXPECT_TRUE(client.is_closed_within(2));
  EXPECT_FALSE(client.read().ends_with("0\r\n\r\n"));
}

TEST(Stream, MisuseIsOurFault) {
  TestHttpServer server;
  RawClient client(server.port());
  client.send(get("/v1/hold"));
  auto exchange = server.held.take();
  ASSERT_TRUE(exchange);
  EXPECT_THROW((*exchange)->send("x"), InternalError);
  EXPECT_THROW((*exchange)->reply({.headers = {{"X", "a\r\nSet-Cookie: b"}}}), InternalError);
  (*exchange)->reply({});
  EXPECT_THROW((*exchange)->reply({}), InternalError);
  EXPECT_THROW((*exchange)->end(), InternalError);
  EXPECT_TRUE(client.reply());
}

}  // namespace
}  // namespace r1v

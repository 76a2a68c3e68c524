// What the server does about clients that do not behave; each test fails without its defence.
#include <gtest/gtest.h>

#include <thread>

#include "http/server_testing.h"

namespace r1v {
namespace {

TEST(Attack, AHeadThatNeverEndsIsCutOff) {
  TestHttpServer server({.header_timeout_s = 0.5});
  RawClient slow(server.port()), silent(server.port());
  const double start_s = monotonic_s();
  slow.send("GET /health HTTP/1.1\r\nHost: localhost\r\n");
  // A byte now and then must not buy time.
  while (monotonic_s() - start_s < 3 && slow.send("X") && !slow.receive(0.05)) {
  }
  const auto reply = slow.reply(1);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status(), 408);
  EXPECT_LT(monotonic_s() - start_s, 1.5);
  EXPECT_TRUE(silent.is_closed_within(1));
  EXPECT_TRUE(silent.read().empty());
}

TEST(Attack, ABodyThatNeverEndsIsCutOff) {
  TestHttpServer server({.body_timeout_s = 0.5});
  RawClient client(server.port());
  const double start_s = monotonic_s();
  client.send("POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n");
  while (monotonic_s() - start_s < 3 && client.send("x") && !client.receive(0.05)) {
  }
  const auto reply = client.reply(1);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status(), 408);
  EXPECT_LT(monotonic_s() - start_s, 1.5);
  EXPECT_EQ(server.num_handled, 0);
}

TEST(Attack, AnIdleConnectionIsClosed) {
  TestHttpServer server({.idle_timeout_s = 0.3});
  RawClient client(server.port());
  EXPECT_EQ(client.status(get("/health")), 200);
  EXPECT_TRUE(client.is_closed_within(1.5));
}

TEST(Attack, AHugeHeadIsRefused) {
  TestHttpServer server;
  RawClient one_field(server.port()), no_end(server.port()), many_fields(server.port());
  EXPECT_EQ(one_field.status(get("/health", "X: " + std::string(17000, 'x') + "\r\n")), 431);
  EXPECT_TRUE(one_field.is_closed_within(4));
  EXPECT_EQ(no_end.status("GET /" + std::string(17000, 'x')), 431);
  std::string fields;
  for (int i = 0; i < 500; ++i) fields += "X" + std::to_string(i) + ": 1\r\n";
  EXPECT_EQ(many_fields.status(get("/health", fields)), 431);
}

TEST(Attack, AHugeBodyIsRefusedBeforeItIsRead) {
  TestHttpServer server;
  const std::string head = "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000000\r\n";
  RawClient told(server.port()), asking(server.port()), chunked(server.port()), none(server.port());
  EXPECT_EQ(told.status(head + "\r\n"), 413);
  EXPECT_TRUE(told.is_closed_within(4));
  EXPECT_EQ(asking.status(head + "Expect: 100-continue\r\n\r\n"), 413) << "not 100";
  chunked.send("POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 17; ++i) chunked.send("10000\r\n" + std::string(65536, 'x') + "\r\n");
  const auto reply = chunked.reply();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status(), 413);
  EXPECT_EQ(none.status("GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx"), 413);
  EXPECT_EQ(server.num_handled, 0);
}

TEST(Attack, ARefusalSurvivesTheBodyThatIsStillSent) {
  TestHttpServer server({}, sesame());
  RawClient client(server.port());
  // Closing with unread bytes would reset the connection and lose the reply.
  client.send("POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\n");
  for (int i = 0; i < 9; ++i) client.send(std::string(100000, 'x'));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const auto reply = client.reply();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status(), 401);
}

TEST(Attack, BodiesOfAllRequestsTogetherAreBounded) {
  TestHttpServer server({.max_held_body_bytes = 1'500'000});
  const std::string head = "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n";
  RawClient first(server.port()), second(server.port());
  first.send(head + std::string(999'999, 'x'));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  second.send(head + std::string(999'999, 'x'));
  const auto reply = second.reply();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status(), 429);
  EXPECT_EQ(first.status("x"), 200);
  RawClient third(server.port());
  EXPECT_EQ(third.status(head + std::string(1'000'000, 'x')), 200) << "what they held is given back";
}

TEST(Attack, TooManyConnectionsAreRefused) {
  TestHttpServer server({.max_connections = 4});
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<RawClient>(server.port()));
    EXPECT_EQ(clients.back()->status(get("/health")), 200);
  }
  RawClient fifth(server.port());
  const auto reply = fifth.reply(2);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status(), 503);
  EXPECT_TRUE(fifth.is_closed_within(1));
  EXPECT_EQ(clients[0]->status(get("/health")), 200);
  clients.pop_back();
  const double end_s = monotonic_s() + 2;
  while (server->counts().connections > 3 && monotonic_s() < end_s) std::this_thread::yield();
  EXPECT_EQ(RawClient(server.port()).status(get("/health")), 200);
}

TEST(Attack, NoRequestIsSmuggledBehindAnother) {
  TestHttpServer server;
  const std::string inner = "GET /v1/items/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const std::string line = "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\n";
  for (const std::string& bytes : {
           line + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
           line + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + inner,
           line + "Content-Length: 0\r\nContent-Length: 80\r\n\r\n" + inner,
           line + "Content-Length: 0, 80\r\n\r\n" + inner,
           line + "Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n\r\n" + inner,
           line + "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n" + inner,
           line + "X: a\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
           line + "X: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
           line + "Transfer-Encoding: chunked\r\n\r\n0\n\n" + inner,
           line + "Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n" + inner,
           line + "Transfer-Encoding: chunked\r\n\r\n100000000\r\n\r\n" + inner,
       }) {
    RawClient client(server.port());
    const auto reply = client.ask(bytes);
    ASSERT_TRUE(reply) << bytes;
    EXPECT_TRUE(reply->status() == 400 || reply->status() == 413) << reply->status() << "\n" << bytes;
    EXPECT_FALSE(client.reply(0.2)) << "a second reply:\n" << bytes;
    EXPECT_TRUE(client.is_closed_within(4));
  }
  EXPECT_EQ(server.num_handled, 0);
  // The body of a refused request is not the next request.
  RawClient client(server.port());
  EXPECT_EQ(client.status("POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
                          std::to_string(inner.size()) + "\r\n\r\n" + inner),
            404);
  EXPECT_FALSE(client.reply(0.2));
  EXPECT_EQ(server.num_handled, 0);
}

TEST(Attack, PipelinedRequestsAreNotReadWithoutBound) {
  TestHttpServer server;
  RawClient client(server.port());
  client.send(get("/v1/hold"));
  auto exchange = server.held.take();
  ASSERT_TRUE(exchange);
  const timeval wait{.tv_sec = 0, .tv_usec = 300'000};
  ::setsockopt(client.socket(), SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
  const std::string request = get("/health");
  size_t sent = 0;
  while (sent < (64u << 20) && client.send(request)) sent += request.size();
  EXPECT_LT(sent, 64u << 20) << "the server reads on and on";
  (*exchange)->reply({.body = "held"});
  const auto reply = client.reply();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "held");
  ASSERT_TRUE(client.reply()) << "and then the others";
}

TEST(Attack, NoSpellingOfAPathReachesAHandlerWithoutTheKey) {
  TestHttpServer server({}, sesame());
  for (const std::string target :
       {"/v1/items/x", "//v1/items/x", "/v1//items/x", "/V1/items/x", "/v1%2fitems/x", "/v1/./items/x",
        "/health/../v1/items/x", "/health/%2e%2e/v1/items/x", "/v1/items/x%00", "/v1/items/%78",
        "http://localhost/v1/items/x", "/v1\\items\\x", "/nothing"}) {
    RawClient client(server.port());
    EXPECT_EQ(client.status(get(target)), 401) << target;
  }
  EXPECT_EQ(server.num_handled, 0);
  EXPECT_EQ(RawClient(server.port()).status(get("/health")), 200);
  EXPECT_EQ(RawClient(server.port()).status(get("/v1/items/x", "X-API-Key: sesame\r\n")), 200);
}

TEST(Attack, NamesThatLeadHereFromElsewhereAreRefused) {
  TestHttpServer server;
  EXPECT_EQ(RawClient(server.port()).status("GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n"), 403);
  EXPECT_EQ(RawClient(server.port()).status(post("/v1/echo", "{}", "Origin: https://evil.example\r\n")), 403);
  EXPECT_EQ(server.num_handled, 0);
}

TEST(Attack, NoiseIsRefusedAtOnce) {
  TestHttpServer server;
  for (const std::string& noise :
       {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), std::string(100, '\0'),
        std::string("\r\n\r\n\r\n \r\n"), std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        std::string("\x80\x2e\x01\x00\x02", 5), std::string("SSH-2.0-x\r\n\r\n")}) {
    RawClient client(server.port());
    const double start_s = monotonic_s();
    EXPECT_EQ(client.status(noise), 400) << noise;
    EXPECT_LT(monotonic_s() - start_s, 1);
  }
}

TEST(Attack, ManyClientsThatComeAndGoLeaveNothing) {
  TestHttpServer server;
  for (int i = 0; i < 300; ++i) {
    RawClient client(server.port());
    client.send(i % 3 == 0   ? get("/v1/hold")
                : i % 3 == 1 ? get("/health")
                             : "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Le");
    if (i % 2 == 0) client.reset();
  }
  const double end_s = monotonic_s() + 5;
  while (server->counts().connections > 0 && monotonic_s() < end_s)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(server->counts().connections, 0);
  EXPECT_EQ(server->counts().streams, 0);
  EXPECT_EQ(RawClient(server.port()).status(get("/health")), 200);
}

}  // namespace
}  // namespace r1v

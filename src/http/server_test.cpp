// What the server does for clients that behave.
#include "http/server.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/json.h"
#include "http/error.h"
#include "http/server_testing.h"

namespace r1v {
namespace {

TEST(HttpServer, AnswersAndKeepsTheConnection) {
  TestHttpServer server;
  RawClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    const auto reply = client.ask(post("/v1/echo", "hello"));
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status(), 200);
    EXPECT_EQ(reply->body, "hello");
    EXPECT_EQ(reply->head.header("content-type"), "application/json");
    EXPECT_EQ(reply->head.header("x-content-type-options"), "nosniff");
    EXPECT_EQ(reply->head.header("x-frame-options"), "DENY");
    EXPECT_EQ(reply->head.header("cache-control"), "no-store");
    EXPECT_FALSE(reply->head.header("date").empty());
    EXPECT_FALSE(reply->head.wants_close);
  }
  EXPECT_EQ(server->counts().requests, 3);
  EXPECT_EQ(server->counts().connections, 1);
}

TEST(HttpServer, TakesChunksAndAsksForThem) {
  TestHttpServer server;
  RawClient client(server.port());
  client.send(
      "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
  const auto go_on = client.reply(5, true);
  ASSERT_TRUE(go_on);
  EXPECT_EQ(go_on->status(), 100);
  const auto reply = client.ask("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "abcde");
  EXPECT_EQ(client.status(get("/health")), 200);
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  TestHttpServer server;
  RawClient client(server.port());
  std::string all;
  for (int i = 0; i < 50; ++i)
    all += i % 2 == 0 ? get("/v1/items/n" + std::to_string(i)) : post("/v1/echo", "b" + std::to_string(i));
  client.send(all);
  for (int i = 0; i < 50; ++i) {
    const auto reply = client.reply();
    ASSERT_TRUE(reply) << i;
    EXPECT_EQ(reply->body, (i % 2 == 0 ? "n" : "b") + std::to_string(i));
  }
}

TEST(HttpServer, HeadIsGetWithoutABody) {
  TestHttpServer server;
  RawClient client(server.port());
  client.send("HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto head = client.reply(5, true);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status(), 200);
  EXPECT_EQ(head->head.content_length, 2u);
  EXPECT_EQ(client.status(get("/health")), 200) << "nothing of a body came between";
}

TEST(HttpServer, ErrorsHaveOneForm) {
  TestHttpServer server;
  RawClient client(server.port());
  const auto bad = client.ask(get("/v1/bad", "X-Request-Id: my-id.1\r\n"));
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->status(), 400);
  EXPECT_EQ(bad->head.header("x-request-id"), "my-id.1");
  EXPECT_EQ(
      bad->body,
      R"({"error":{"message":"that is wrong","type":"invalid_request_error","param":null,"code":"invalid_value"}})");
  const auto fail = client.ask(get("/v1/fail", "X-Request-Id: bad id\r\n"));
  ASSERT_TRUE(fail);
  EXPECT_EQ(fail->status(), 500);
  EXPECT_EQ(fail->body.find("secret"), std::string::npos);
  EXPECT_TRUE(fail->head.header("x-request-id").starts_with("req_"));
  EXPECT_EQ(client.status(get("/v1/forget")), 500);
  EXPECT_EQ(client.status(get("/nothing")), 404);
  const auto method = client.ask(post("/v1/hold", ""));
  ASSERT_TRUE(method);
  EXPECT_EQ(method->status(), 405);
  EXPECT_EQ(method->head.header("allow"), "GET, HEAD");
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(server.log.take());  // a request is counted when the client has its reply
  EXPECT_EQ(server->counts().failed, 2);
  EXPECT_EQ(server->counts().refused, 3);
}

TEST(HttpServer, OldClientsGetTheReplyAndTheEnd) {
  TestHttpServer server;
  RawClient client(server.port());
  client.send("GET /health HTTP/1.0\r\n\r\n");
  const auto reply = client.reply();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "{}");
  EXPECT_TRUE(client.is_closed_within(1));
}

TEST(HttpServer, LogsEachRequestOnce) {
  TestHttpServer server({}, sesame());
  RawClient client(server.port());
  client.ask(post("/v1/echo?q=private", "hello", "Authorization: Bearer sesame\r\nX-Request-Id: a\r\n"));
  client.ask(get("/v1/items/x"));
  const auto first = server.log.take();
  const auto second = server.log.take();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->id, "a");
  EXPECT_EQ(first->method, "POST");
  EXPECT_EQ(first->path, "/v1/echo");
  EXPECT_EQ(first->route, "/v1/echo");
  EXPECT_EQ(first->key_name, "ali");
  EXPECT_EQ(first->address, "127.0.0.1");
  EXPECT_EQ(first->status, 200);
  EXPECT_GT(first->request_bytes, 5u);
  EXPECT_GT(first->reply_bytes, 5u);
  EXPECT_GE(first->seconds, first->first_byte_s);
  EXPECT_GT(first->first_byte_s, 0);
  EXPECT_FALSE(first->client_gone);
  EXPECT_EQ(second->status, 401);
  EXPECT_EQ(second->key_name, "");
  EXPECT_EQ(server.log.size(), 0u);
}

TEST(HttpServer, AKeysRequestsAtWorkAreLimited) {
  TestHttpServer server({}, sesame(1));
  const std::string hold = get("/v1/hold", "Authorization: Bearer sesame\r\n");
  RawClient first(server.port()), second(server.port());
  first.send(hold);
  auto exchange = server.held.take();
  ASSERT_TRUE(exchange);
  const auto refused = second.ask(hold);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status(), 429);
  EXPECT_EQ(refused->head.header("retry-after"), "1");
  (*exchange)->reply({.body = "done"});
  ASSERT_TRUE(first.reply());
  second.send(hold);
  ASSERT_TRUE(server.held.take()) << "the first is over";
}

TEST(HttpServer, AFullQueueIsToldAtOnce) {
  std::atomic<bool> may_go = false;
  const HttpHandler slow = [&](const Exchange& exchange) {
    while (!may_go) std::this_thread::yield();
    exchange->reply({});
  };
  TestHttpServer server({.workers = 1, .max_waiting = 1}, nullptr, {{"GET", "/slow", slow, true, true}});
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<RawClient>(server.port()));
    clients.back()->send(get("/slow"));
  }
  int num_refused = 0;
  for (auto& client : clients) {
    const auto reply = client->reply(0.3);
    if (!reply) continue;
    EXPECT_EQ(reply->status(), 429);
    EXPECT_FALSE(reply->head.header("retry-after").empty());
    ++num_refused;
  }
  may_go = true;
  EXPECT_GE(num_refused, 6);  // one at work, one waiting
  EXPECT_LE(num_refused, 7);
}

TEST(HttpServer, DrainLetsStreamsEndAndTakesNothingNew) {
  TestHttpServer server;
  RawClient stream(server.port()), idle(server.port());
  EXPECT_EQ(idle.status(get("/health")), 200);
  stream.send(get("/v1/hold"));
  auto exchange = server.held.take();
  ASSERT_TRUE(exchange);
  (*exchange)->begin({});
  std::atomic<bool> is_drained = false;
  std::thread drain([&] { is_drained = server->drain(10); });
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  EXPECT_FALSE(RawClient(server.port()).is_connected());
  const auto refused = idle.ask(get("/health"));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status(), 503);
  EXPECT_FALSE(refused->head.header("retry-after").empty());
  EXPECT_TRUE(refused->head.wants_close);
  EXPECT_FALSE(is_drained);
  (*exchange)->send("rest");
  (*exchange)->end();
  drain.join();
  EXPECT_TRUE(is_drained);
  const auto reply = stream.reply();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "rest");
}

TEST(HttpServer, DrainGivesUpInTimeAndStopEndsEverything) {
  TestHttpServer server;
  RawClient client(server.port());
  client.send(get("/v1/hold"));
  auto exchange = server.held.take();
  ASSERT_TRUE(exchange);
  (*exchange)->begin({});
  Slot<int> gone;
  (*exchange)->on_gone([&] { gone.put(1); });
  const double start_s = monotonic_s();
  EXPECT_FALSE(server->drain(0.2));
  EXPECT_LT(monotonic_s() - start_s, 1);
  server->stop();
  EXPECT_TRUE(gone.take(0));
  EXPECT_TRUE(client.is_closed_within(1));
  EXPECT_TRUE((*exchange)->is_gone());
  (*exchange)->send("late");  // is dropped
  (*exchange)->end();
}

TEST(HttpServer, BadOptionsAreRefused) {
  const auto make = [](HttpServerOptions options) { HttpServer(std::move(options), {}, nullptr, nullptr).start(); };
  EXPECT_THROW(make({.workers = 0}), InputError);
  EXPECT_THROW(make({.header_timeout_s = 0}), InputError);
  EXPECT_THROW(make({.tls_certificate = "x"}), InputError);
  EXPECT_THROW(make({.tls_certificate = "/missing", .tls_key = "/missing"}), InputError);
  EXPECT_THROW(make({.host = "203.0.113.7", .port = 0}), InputError);
  TestHttpServer server;
  EXPECT_THROW(make({.port = server.port()}), InputError);
}

}  // namespace
}  // namespace r1v

// Files of the binary: variants, tags, and what the browser is told.
#include "serve/static_files.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "serve/fakes_test.h"

namespace r1v {
namespace {

constexpr StaticFile kFiles[] = {{"/", "text/html; charset=utf-8", "<p>page</p>", "",
                                  "0011223344556677889900112233445566778899001122334455667788990011"},
                                 {"/assets/app.js", "text/javascript", "plain text of it", "",
                                  "aa11223344556677889900112233445566778899001122334455667788990011"},
                                 {"/assets/app.js", "text/javascript", "gzip", "gzip",
                                  "bb11223344556677889900112233445566778899001122334455667788990011"},
                                 {"/assets/app.js", "text/javascript", "br", "br",
                                  "cc11223344556677889900112233445566778899001122334455667788990011"}};

class StaticFiles : public ::testing::Test {
 public:
  std::shared_ptr<FakeExchange> get(const std::string& path, std::map<std::string, std::string> headers = {}) {
    const auto exchange =
        std::make_shared<FakeExchange>(HttpRequest{.method = "GET", .path = path, .headers = std::move(headers)});
    const auto route = std::ranges::find(routes, path, &HttpRoute::pattern);
    if (route == routes.end()) {
      ADD_FAILURE() << "no route " << path;
    } else {
      route->handler(exchange);
    }
    return exchange;
  }
  static std::string header(const FakeExchange& exchange, const std::string& name) {
    for (const auto& [key, value] : exchange.headers) {
      if (key == name) return value;
    }
    return "";
  }
  std::vector<HttpRoute> routes = static_routes(kFiles);
};

TEST_F(StaticFiles, NeedNoKey) {
  ASSERT_EQ(routes.size(), 2u);
  for (const HttpRoute& route : routes) EXPECT_FALSE(route.needs_key);
}

TEST_F(StaticFiles, TheSmallestVariantThatIsTakenGoesOut) {
  EXPECT_EQ(get("/assets/app.js")->body, "plain text of it");
  EXPECT_EQ(get("/assets/app.js", {{"accept-encoding", "gzip, deflate"}})->body, "gzip");
  const auto best = get("/assets/app.js", {{"accept-encoding", "gzip, deflate, br"}});
  EXPECT_EQ(best->body, "br");
  EXPECT_EQ(header(*best, "Content-Encoding"), "br");
  EXPECT_EQ(get("/assets/app.js", {{"accept-encoding", "br;q=0, gzip;q=0.5"}})->body, "gzip");
  EXPECT_EQ(get("/assets/app.js", {{"accept-encoding", "brotli"}})->body, "plain text of it");
}

TEST_F(StaticFiles, WhatTheBrowserHasIsNotSentAgain) {
  const std::string tag = header(*get("/"), "ETag");
  EXPECT_EQ(tag, "\"00112233445566778899001122334455\"");
  const auto again = get("/", {{"if-none-match", tag}});
  EXPECT_EQ(again->status, 304);
  EXPECT_EQ(again->body, "");
  EXPECT_EQ(get("/", {{"if-none-match", "\"other\""}})->status, 200);
}

TEST_F(StaticFiles, NothingFromElsewhereIsRunOrLoaded) {
  const std::string policy = header(*get("/"), "Content-Security-Policy");
  EXPECT_THAT(policy, ::testing::HasSubstr(
                          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"));
  EXPECT_THAT(policy, ::testing::HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(policy, ::testing::Not(::testing::HasSubstr("unsafe")));
  EXPECT_EQ(header(*get("/"), "X-Content-Type-Options"), "nosniff");
}

}  // namespace
}  // namespace r1v

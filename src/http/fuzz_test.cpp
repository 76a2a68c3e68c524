// Mutated requests against a live server: no crash, no hang, no 5xx, no reply that is none.
// Off by default; R1V_FUZZ_SECONDS=600 http_test --gtest_also_run_disabled_tests --gtest_filter='*Fuzz*'
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "http/error.h"
#include "http/server_testing.h"

namespace r1v {
namespace {

const std::vector<std::string> kSeeds = {
    get("/health"),
    get("/v1/items/a%20b?c=d&e=%C3%A9", "Accept: */*\r\nX-Request-Id: abc\r\n"),
    post("/v1/echo", "{\"a\": [1, 2, 3]}", "Content-Type: application/json\r\nAuthorization: Bearer sesame\r\n"),
    post("/v1/echo", std::string(3000, 'x'), "Expect: 100-continue\r\n"),
    "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
    "chunked\r\n\r\n5;a=b\r\nhello\r\n3\r\nabc\r\n0\r\nT: x\r\n\r\n",
    get("/v1/stream", "Connection: close\r\n"),
    "HEAD /v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /v1/stream HTTP/1.0\r\n\r\n",
    "OPTIONS /v1/echo HTTP/1.1\r\nHost: [::1]:80\r\nOrigin: https://a.example\r\nAccess-Control-Request-Method: "
    "POST\r\n"
    "Access-Control-Request-Headers: authorization\r\n\r\n",
    "DELETE /v1/items/x HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://evil.example\r\n\r\n",
    get("/v1/items/1") + get("/health") + post("/v1/echo", "x") + get("/v1/stream"),
};

const std::vector<std::string> kWords = {"\r\n",
                                         "\r\n\r\n",
                                         "\n",
                                         "\r",
                                         " ",
                                         "\t",
                                         ":",
                                         "/",
                                         "//",
                                         "/..",
                                         "%2f",
                                         "%00",
                                         "%",
                                         "?",
                                         "&",
                                         "=",
                                         "#",
                                         "\\",
                                         "*",
                                         "Content-Length: ",
                                         "Transfer-Encoding: chunked\r\n",
                                         "Host: x\r\n",
                                         "Connection: close\r\n",
                                         "Expect: 100-continue\r\n",
                                         "HTTP/1.1",
                                         "HTTP/1.0",
                                         "HTTP/2",
                                         "http://localhost/",
                                         "0\r\n\r\n",
                                         "ffffffff\r\n",
                                         "-1",
                                         "18446744073709551616",
                                         "0x10",
                                         "+5",
                                         "Authorization: Bearer ",
                                         "Content-Encoding: gzip\r\n",
                                         "{name}",
                                         std::string(1, '\0'),
                                         "\xff",
                                         "\xc0\xaf",
                                         std::string(300, 'A'),
                                         std::string(17000, 'B')};

class Mutator {
 public:
  explicit Mutator(uint32_t seed) : random_(seed) {}
  size_t below(size_t count) { return count == 0 ? 0 : random_() % count; }

  std::string request() {
    std::string text = kSeeds[below(kSeeds.size())];
    for (size_t i = below(6); i > 0; --i) mutate(text);
    return text;
  }

 private:
  void mutate(std::string& text) {
    const size_t at = below(text.size() + 1);
    const size_t count = std::min(below(16), text.size() - at);
    const std::string& other = kSeeds[below(kSeeds.size())];
    switch (below(7)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(random_());
        break;
      case 1:
        text.erase(at, count);
        break;
      case 2:
        text.insert(at, kWords[below(kWords.size())]);
        break;
      case 3:
        text.insert(at, text.substr(at, count));
        break;
      case 4:
        text.replace(at, std::string::npos, other.substr(below(other.size())));
        break;
      case 5:
        text.replace(at, count, kWords[below(kWords.size())]);
        break;
      default:
        if (below(4) == 0) text.resize(at);
    }
  }

  std::mt19937 random_;
};

std::vector<HttpRoute> routes() {
  return {{"GET", "/health", [](const Exchange& exchange) { exchange->reply({.body = "{}"}); }, false},
          {"POST", "/v1/echo", [](const Exchange& exchange) { exchange->reply({.body = exchange->request().body}); },
           true, true, 10'000},
          {"GET", "/v1/items/{name}",
           [](const Exchange& exchange) { exchange->reply({.body = exchange->request().parameters.at("name")}); }},
          {"GET", "/v1/stream", [](const Exchange& exchange) {
             exchange->begin({.content_type = "text/event-stream"}, ": k\n\n");
             for (int i = 0; i < 5; ++i) exchange->send("data: x\n\n");
             exchange->end();
           }}};
}

// Everything that came back is a row of replies, none of them a 5xx.
void check_replies(RawClient& client, bool may_be_head, const std::string& request) {
  try {
    while (http_head_size(client.read()) != 0) {
      const bool is_interim = client.read().starts_with("HTTP/1.1 100");
      const auto reply = client.reply(0.5, may_be_head || is_interim);
      if (!reply) break;  // cut by the client's own end
      ASSERT_LT(reply->status(), 500) << request;
      if (may_be_head || reply->head.wants_close) break;
    }
  } catch (const HttpError& error) {
    FAIL() << "no HTTP: " << error.what() << "\n" << request;
  }
}

TEST(Fuzz, DISABLED_MutatedRequestsDoNoHarm) {
  const char* seconds = std::getenv("R1V_FUZZ_SECONDS");
  const double end_s = monotonic_s() + (seconds == nullptr ? 20 : std::atof(seconds));
  const auto seed = static_cast<uint32_t>(unix_time_s());
  std::cout << "seed " << seed << std::endl;
  Mutator mutator(seed);
  HttpServer server({.port = 0, .header_timeout_s = 2, .body_timeout_s = 2, .allowed_origins = {"https://a.example"}},
                    routes(), nullptr, nullptr);
  server.start();
  int64_t num_requests = 0;
  while (monotonic_s() < end_s && !testing::Test::HasFailure()) {
    const std::string request = mutator.request();
    RawClient client(server.port());
    ASSERT_TRUE(client.is_connected()) << "after " << num_requests;
    const size_t cut = mutator.below(3) == 0 ? mutator.below(request.size() + 1) : 0;
    if (cut > 0) client.send(std::string_view(request).substr(0, cut));
    client.send(std::string_view(request).substr(cut));
    while (client.receive(0.003)) {
    }
    check_replies(client, request.find("HEAD") != std::string::npos, request);
    if (mutator.below(2) == 0) client.reset();
    if (++num_requests % 500 == 0) {
      EXPECT_EQ(RawClient(server.port()).status(get("/health")), 200) << "it hangs";
    }
  }
  std::cout << num_requests << " requests" << std::endl;
  const double wait_s = monotonic_s() + 5;
  while (server.counts().connections > 0 && monotonic_s() < wait_s)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(server.counts().connections, 0);
  EXPECT_EQ(server.counts().streams, 0);
  EXPECT_EQ(server.counts().failed, 0);
}

}  // namespace
}  // namespace r1v

// The server behind TLS, and those who do not speak it.
#include <gtest/gtest.h>

#include "http/tls_testing.h"

namespace r1v {
namespace {

struct TlsServer {
  TestCertificate files;
  TestHttpServer server;

  explicit TlsServer(HttpServerOptions options = {}) : server(with_files(std::move(options))) {}

 private:
  HttpServerOptions with_files(HttpServerOptions options) {
    options.tls_certificate = files.certificate;
    options.tls_key = files.key;
    return options;
  }
};

TEST(Tls, RepliesAndStreams) {
  TlsServer tls;
  TlsClient client(tls.server.port(), TLS1_3_VERSION, "http/1.1");
  ASSERT_TRUE(client.is_open());
  client.send(post("/v1/echo", std::string(100000, 'x') + "!"));
  EXPECT_NE(client.read_until("x!").find("200 OK"), std::string::npos);
  client.send(get("/v1/hold"));
  const auto exchange = tls.server.held.take();
  ASSERT_TRUE(exchange);
  (*exchange)->begin({});
  for (int i = 0; i < 1000; ++i) (*exchange)->send(std::to_string(i) + " ");
  (*exchange)->end();
  const std::string text = client.read_until("0\r\n\r\n");
  EXPECT_TRUE(text.ends_with("\r\n0\r\n\r\n"));
  EXPECT_NE(text.find("999 "), std::string::npos);
  client.send(get("/health", "Connection: close\r\n"));
  EXPECT_TRUE(client.read_until("never").ends_with("{}"));
}

TEST(Tls, AClientThatGoesIsNoticedInSilence) {
  TlsServer tls;
  Slot<int> gone;
  {
    TlsClient client(tls.server.port());
    client.send(get("/v1/hold"));
    const auto exchange = tls.server.held.take();
    ASSERT_TRUE(exchange);
    (*exchange)->on_gone([&] { gone.put(1); });
    (*exchange)->begin({});
    client.raw().close();
    EXPECT_TRUE(gone.take(2));
  }
}

TEST(Tls, OldVersionsAndOtherProtocolsAreRefused) {
  TlsServer tls;
  EXPECT_TRUE(TlsClient(tls.server.port(), TLS1_2_VERSION).is_open());
  EXPECT_FALSE(TlsClient(tls.server.port(), TLS1_1_VERSION).is_open());
  EXPECT_FALSE(TlsClient(tls.server.port(), TLS1_VERSION).is_open());
  EXPECT_FALSE(TlsClient(tls.server.port(), TLS1_3_VERSION, "h2").is_open());
}

TEST(Tls, NoiseAndSilenceInsteadOfAHandshakeEndTheConnection) {
  TlsServer tls({.header_timeout_s = 0.5});
  RawClient noise(tls.server.port()), silent(tls.server.port()), half(tls.server.port());
  noise.send(std::string("\x16\x03\x01\x00\x05\xff\xff\xff\xff\xff", 10) + std::string(100, '\x00'));
  EXPECT_TRUE(noise.is_closed_within(4));
  half.send(std::string("\x16\x03\x01\x02\x00\x01", 6));
  EXPECT_TRUE(half.is_closed_within(2));
  EXPECT_TRUE(silent.is_closed_within(2));
  EXPECT_TRUE(silent.read().empty());
  EXPECT_TRUE(TlsClient(tls.server.port()).is_open());
}

TEST(Tls, PlainHttpIsToldToUseTls) {
  TlsServer tls;
  RawClient client(tls.server.port());
  const auto reply = client.ask(get("/health"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status(), 400);
  EXPECT_NE(reply->body.find("HTTPS"), std::string::npos);
  EXPECT_TRUE(client.is_closed_within(4));
}

TEST(Tls, FilesThatAreNoPairAreRefused) {
  const TestCertificate one, other;
  const auto make = [](const std::filesystem::path& certificate, const std::filesystem::path& key) {
    HttpServer({.tls_certificate = certificate, .tls_key = key}, {}, nullptr, nullptr);
  };
  make(one.certificate, one.key);
  EXPECT_THROW(make(one.certificate, other.key), InputError);
  EXPECT_THROW(make(one.key, one.key), InputError);
  EXPECT_THROW(make(one.certificate, one.certificate), InputError);
}

}  // namespace
}  // namespace r1v

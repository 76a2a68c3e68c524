// Replies, refusals and silence.
#include "io/http_client.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "io/http_testing.h"

namespace r1v {
namespace {

TEST(HttpClient, PostsJsonBelowTheBaseAndReturnsTheReply) {
  TestServer server([](const std::string&) { return TestServer::http(200, "{\"ok\":1}"); });
  HttpClient client(server.url() + "/", 5, "secret");
  const HttpAnswer reply = client.post_json("/chat/completions", "{\"a\":2}");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "{\"ok\":1}");
  const std::string request = server.requests().at(0);
  EXPECT_TRUE(request.starts_with("POST /v1/chat/completions HTTP/1.1\r\n")) << request;
  EXPECT_NE(request.find("Authorization: Bearer secret\r\n"), std::string::npos);
  EXPECT_NE(request.find("Content-Type: application/json\r\n"), std::string::npos);
  EXPECT_TRUE(request.ends_with("\r\n\r\n{\"a\":2}"));
  EXPECT_EQ(client.post_json("/again", "{}").status, 200);  // the server closed the connection in between
}

TEST(HttpClient, OtherStatusesAreRepliesToo) {
  TestServer server([](const std::string&) { return TestServer::http(429, "slow down", "Retry-After: 1.5\r\n"); });
  HttpClient client(server.url(), 5);
  const HttpAnswer reply = client.post_json("/x", "{}");
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(reply.body, "slow down");
  EXPECT_EQ(reply.retry_after_s, 1.5);
}

TEST(HttpClient, SilenceEndsAfterTheTimeAllowed) {
  TestServer server([](const std::string&) { return std::string(); });
  HttpClient client(server.url(), 0.2);
  const HttpAnswer reply = client.post_json("/x", "{}");
  EXPECT_EQ(reply.status, 0);
  EXPECT_NE(reply.error.find("no reply within the time"), std::string::npos) << reply.error;
}

TEST(HttpClient, NobodyThereIsSaid) {
  std::string url;
  {
    TestServer server([](const std::string&) { return std::string(); });
    url = server.url();
  }
  HttpClient client(url, 1);
  const HttpAnswer reply = client.post_json("/x", "{}");
  EXPECT_EQ(reply.status, 0);
  EXPECT_NE(reply.error.find("no connection"), std::string::npos) << reply.error;
}

TEST(HttpClient, AReplyWithoutEndIsNotRead) {
  TestServer server([](const std::string&) { return TestServer::http(200, std::string(17 << 20, 'x')); });
  HttpClient client(server.url(), 5);
  const HttpAnswer reply = client.post_json("/x", "{}");
  EXPECT_EQ(reply.status, 0);
  EXPECT_NE(reply.error.find("more than 16 MiB"), std::string::npos) << reply.error;
}

TEST(HttpClient, AddressesAreChecked) {
  for (const char* url : {"", "localhost:8000", "ftp://x/v1", "http://", "http:///v1", "http://a b/"}) {
    EXPECT_THROW(HttpClient(url, 1), InputError) << url;
  }
  EXPECT_THROW(HttpClient("http://x", 0), InputError);
}

}  // namespace
}  // namespace r1v

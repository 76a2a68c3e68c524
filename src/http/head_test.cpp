// What is a head and what is not, by RFC 9112 and by what has been used for smuggling.
#include "http/head.h"

#include <gtest/gtest.h>

#include "http/error.h"

namespace r1v {
namespace {

int status_of(const std::string& head) {
  try {
    parse_request_head(head);
    return 200;
  } catch (const HttpError& error) {
    return error.status;
  }
}

TEST(Head, ReadsARequest) {
  const HttpHead head = parse_request_head(
      "POST /a?b=c HTTP/1.1\r\nHost: h:1\r\ncontent-LENGTH:  12 \r\nAccept: a\r\nAccept: b\r\nExpect: "
      "100-Continue\r\n\r\n");
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/a?b=c");
  EXPECT_EQ(head.header("host"), "h:1");
  EXPECT_EQ(head.header("accept"), "a, b");
  EXPECT_EQ(head.content_length, 12u);
  EXPECT_TRUE(head.expects_continue);
  EXPECT_FALSE(head.wants_close);
  EXPECT_TRUE(parse_request_head("GET / HTTP/1.1\r\nHost: h\r\nConnection: x, Close\r\n\r\n").wants_close);
  EXPECT_TRUE(parse_request_head("GET / HTTP/1.0\r\n\r\n").wants_close);
  EXPECT_TRUE(parse_request_head("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n").is_chunked);
}

TEST(Head, ReadsAReply) {
  const HttpHead head = parse_reply_head("HTTP/1.1 404 Not Found\r\nLocation: /x\r\n\r\n");
  EXPECT_EQ(head.status, 404);
  EXPECT_EQ(head.header("location"), "/x");
  EXPECT_EQ(parse_reply_head("HTTP/1.0 200\r\n\r\n").status, 200);
  for (const char* broken : {"HTTP/1.1 20 OK\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 2000\r\n\r\n", "\r\n\r\n"}) {
    EXPECT_THROW(parse_reply_head(broken), HttpError) << broken;
  }
}

TEST(Head, RefusesWhatTwoProgramsCouldReadInTwoWays) {
  const std::string line = "POST / HTTP/1.1\r\nHost: h\r\n";
  ASSERT_EQ(status_of(line + "\r\n"), 200);
  for (const std::string fields : {
           "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
           "Content-Length: 1\r\nContent-Length: 1\r\n",
           "Content-Length: 1\r\nContent-Length: 2\r\n",
           "Content-Length: 1, 1\r\n",
           "Content-Length: +1\r\n",
           "Content-Length: -1\r\n",
           "Content-Length: 0x1\r\n",
           "Content-Length: 1 1\r\n",
           "Content-Length: \r\n",
           "Content-Length: 99999999999999999999\r\n",
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: identity, chunked\r\n",
           "Transfer-Encoding: chunked, identity\r\n",
           "Transfer-Encoding: xchunked\r\n",
           "Transfer-Encoding: chunked;q=1\r\n",
           "Transfer-Encoding : chunked\r\n",
           "Transfer-Encoding:\x0b"
           "chunked\r\n",
           "Transfer-Encoding: \"chunked\"\r\n",
           " Transfer-Encoding: chunked\r\n",
           "X: a\r\n b\r\n",
           "X: a\r\n\tb\r\n",
           "X: a\nTransfer-Encoding: chunked\r\n",
           "X: a\rTransfer-Encoding: chunked\r\n",
           ": a\r\n",
           "no colon\r\n",
           "X\t: a\r\n",
           "X\xe9: a\r\n",
           "Host: other\r\n",
           "Authorization: a\r\nAuthorization: b\r\n",
       }) {
    EXPECT_EQ(status_of(line + fields + "\r\n"), 400) << fields;
  }
  EXPECT_EQ(status_of(line + std::string("X: a\0b\r\n", 8) + "\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(Head, RefusesBrokenRequestLines) {
  for (const std::string line : {
           "GET /",
           "GET  HTTP/1.1",
           "GET / HTTP/2.0",
           "GET / HTTP/1.2",
           "GET / http/1.1",
           "GET / HTTP/1.1 ",
           " GET / HTTP/1.1",
           "GET / x HTTP/1.1",
           "GET /\x01 HTTP/1.1",
           "GET /\xc3\xa9 HTTP/1.1",
           "G@T / HTTP/1.1",
           "GET\t/ HTTP/1.1",
           "",
       }) {
    EXPECT_EQ(status_of(line + "\r\nHost: h\r\n\r\n"), 400) << line;
  }
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400) << "no Host";
}

TEST(Head, HasAHundredFieldsAtMost) {
  std::string head = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (int i = 0; i < 99; ++i) head += "X" + std::to_string(i) + ": 1\r\n";
  EXPECT_EQ(status_of(head + "\r\n"), 200);
  EXPECT_EQ(status_of(head + "Y: 1\r\n\r\n"), 431);
}

TEST(Head, NoiseIsToldFromARequestEarly) {
  EXPECT_TRUE(may_be_request("G"));
  EXPECT_TRUE(may_be_request("POST /x"));
  EXPECT_FALSE(may_be_request("\x16\x03\x01"));
  EXPECT_FALSE(may_be_request(" GET"));
  EXPECT_FALSE(may_be_request(std::string(25, 'A')));
}

TEST(Head, IsWholeWithItsBlankLine) {
  EXPECT_EQ(http_head_size("GET / HTTP/1.1\r\n\r\nmore"), 18u);
  EXPECT_EQ(http_head_size("GET / HTTP/1.1\r\n\r"), 0u);
  // The blank line may begin in what was searched before.
  EXPECT_EQ(http_head_size("GET / HTTP/1.1\r\n\r\n", 17), 18u);
}

}  // namespace
}  // namespace r1v

// Bodies by count and in chunks, whole and byte by byte.
#include "http/body_reader.h"

#include <gtest/gtest.h>

#include "http/error.h"

namespace r1v {
namespace {

HttpHead chunked() {
  HttpHead head;
  head.is_chunked = true;
  return head;
}

HttpHead counted(uint64_t bytes) {
  HttpHead head;
  head.content_length = bytes;
  return head;
}

// The status of the refusal, or 200.
int read(const HttpHead& head, const std::string& bytes, size_t max_bytes) {
  try {
    BodyReader reader(head, max_bytes);
    reader.take(bytes);
    return 200;
  } catch (const HttpError& error) {
    return error.status;
  }
}

TEST(BodyReader, TakesWhatBelongsToTheBodyAndLeavesTheRest) {
  BodyReader reader(counted(5), 5);
  EXPECT_EQ(reader.take("hel"), 3u);
  EXPECT_FALSE(reader.is_done());
  EXPECT_EQ(reader.take("loGET /"), 2u);
  EXPECT_TRUE(reader.is_done());
  EXPECT_EQ(reader.body(), "hello");
  EXPECT_TRUE(BodyReader(HttpHead(), 0).is_done());
  EXPECT_TRUE(BodyReader(counted(0), 0).is_done());
}

TEST(BodyReader, JoinsChunksHoweverTheyArrive) {
  const std::string bytes = "5;name=\"v\"\r\nhello\r\n0A\r\n, world!!!\r\n0\r\nTrailer: x\r\n\r\n";
  BodyReader whole(chunked(), 100);
  EXPECT_EQ(whole.take(bytes + "GET"), bytes.size());
  EXPECT_EQ(whole.body(), "hello, world!!!");
  BodyReader slow(chunked(), 100);
  for (const char byte : bytes) {
    EXPECT_FALSE(slow.is_done());
    EXPECT_EQ(slow.take(std::string(1, byte)), 1u);
  }
  EXPECT_TRUE(slow.is_done());
  EXPECT_EQ(slow.body(), "hello, world!!!");
}

TEST(BodyReader, RefusesMoreThanIsAllowed) {
  EXPECT_EQ(read(counted(6), "", 5), 413);
  EXPECT_EQ(read(counted(1), "", 0), 413);
  EXPECT_EQ(read(chunked(), "", 0), 413);
  EXPECT_EQ(read(chunked(), "5\r\nhello\r\n", 5), 200);
  EXPECT_EQ(read(chunked(), "5\r\nhello\r\n1\r\n", 5), 413);
  EXPECT_EQ(read(chunked(), "ffffffff\r\n", 5), 413);
}

TEST(BodyReader, RefusesBrokenChunks) {
  for (const std::string bytes : {"5\nhello\r\n", "\r\n", "x\r\n", "-1\r\n", "+1\r\n", "0x5\r\n", " 5\r\n", "5 \r\n",
                                  "123456789\r\n", "5\r\nhelloo\r\n", "5\r\nhello\n", "5\r\nhello0\r\n\r\n",
                                  "5;\rx\r\n", "0\r\nno field\r\n\r\n", "0\r\n: x\r\n\r\n", "0\r\n\n"}) {
    EXPECT_EQ(read(chunked(), bytes, 100), 400) << bytes;
  }
  EXPECT_EQ(read(chunked(), "5;" + std::string(300, 'x'), 100), 400);
  std::string trailer = "0\r\n";
  for (int i = 0; i < 500; ++i) trailer += "Name: value\r\n";
  EXPECT_EQ(read(chunked(), trailer, 100), 400);
}

}  // namespace
}  // namespace r1v

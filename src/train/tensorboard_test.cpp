// Bytes of the event file, checked against published vectors and the wire format by hand.
#include "train/tensorboard.h"

#include <gtest/gtest.h>

namespace r1v {
namespace {

TEST(Crc32c, MatchesPublishedVectors) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);              // the usual check value
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);    // RFC 3720, B.4
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43U);  // RFC 3720, B.4
}

TEST(TfRecord, StartsAsEveryEventFileOfTensorFlowDoes) {
  // The first record is 24 bytes long: 9 for wall_time, 15 for "brain.Event:2".
  const std::string record = tf_record(version_event(0.0));
  EXPECT_EQ(record.size(), 8 + 4 + 24 + 4);
  EXPECT_EQ(record.substr(0, 12), std::string("\x18\0\0\0\0\0\0\0\xA3\x7F\x4B\x22", 12));
}

TEST(ScalarEvent, IsEncodedFieldByField) {
  // wall_time 1.0 = 3FF0000000000000; step 300 = varint AC 02; value {tag "ab", simple_value 1.0f = 3F800000}: 9 bytes,
  // wrapped as field 1 of the summary (11 bytes), wrapped as field 5 of the event.
  const std::string expected(
      "\x09\0\0\0\0\0\0\xF0\x3F"
      "\x10\xAC\x02"
      "\x2A\x0B\x0A\x09\x0A\x02"
      "ab"
      "\x15\0\0\x80\x3F",
      25);
  EXPECT_EQ(scalar_event(1.0, 300, {{"ab", 1.0f}}), expected);
}

}  // namespace
}  // namespace r1v

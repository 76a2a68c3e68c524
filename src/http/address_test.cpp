// Which addresses are public.
#include "http/address.h"

#include <gtest/gtest.h>

#include "base/clock.h"

namespace r1v {
namespace {

TEST(Address, PublicOnesArePublic) {
  for (const char* address :
       {"1.1.1.1", "9.255.255.255", "11.0.0.0", "93.184.216.34", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "169.253.0.0", "172.15.255.255", "172.32.0.0", "192.167.0.0", "223.255.255.255",
        "2606:2800:220:1::1", "2a00::1", "2001:4860:4860::8888"}) {
    EXPECT_TRUE(is_public_address(address)) << address;
  }
}

TEST(Address, EveryOtherIsNot) {
  for (const char* address :
       {"0.0.0.0",     "0.1.2.3",         "10.0.0.1",         "10.255.255.255", "100.64.0.0",       "100.127.255.255",
        "127.0.0.1",   "127.255.255.255", "169.254.169.254",  "172.16.0.0",     "172.31.255.255",   "192.0.0.1",
        "192.0.2.1",   "192.88.99.1",     "192.168.0.1",      "198.18.0.1",     "198.19.255.255",   "198.51.100.1",
        "203.0.113.1", "224.0.0.1",       "239.255.255.255",  "240.0.0.1",      "255.255.255.255",  "::",
        "::1",         "::ffff:1.1.1.1",  "::ffff:127.0.0.1", "::1.1.1.1",      "64:ff9b::101:101", "64:ff9b:1::1",
        "100::1",      "fc00::1",         "fd00::1",          "fe80::1",        "fec0::1",          "ff02::1",
        "2001::1",     "2001:db8::1",     "2002:101:101::1",  "3fff::1",        "4000::1",          "",
        "localhost",   "1.1.1",           "0x1.1.1.1",        "fe80::1%lo",     "1.1.1.1 "}) {
    EXPECT_FALSE(is_public_address(address)) << address;
  }
}

TEST(Address, NamesAreResolvedBeforeTheDeadlineOrNotAtAll) {
  EXPECT_TRUE(resolve_host("localhost", monotonic_s() - 1).empty());
  const auto addresses = resolve_host("localhost", monotonic_s() + 10);
  ASSERT_FALSE(addresses.empty());
  EXPECT_FALSE(is_public_address(addresses.front()));
}

}  // namespace
}  // namespace r1v

// Targets with one meaning, and those with two.
#include "http/target.h"

#include <gtest/gtest.h>

#include "http/error.h"

namespace r1v {
namespace {

TEST(Target, IsDecodedOnce) {
  EXPECT_EQ(parse_target("/").path, "/");
  EXPECT_EQ(parse_target("/v1/%6dodels").path, "/v1/models");
  EXPECT_EQ(parse_target("/a%20b+c/%C3%A9/").path, "/a b+c/\xc3\xa9/");
  EXPECT_EQ(parse_target("/%252e%252e/x").path, "/%2e%2e/x");
  const auto query = parse_target("/x?a=1%202+3&b&c=%3D=").query;
  EXPECT_EQ(query.at("a"), "1 2 3");
  EXPECT_EQ(query.at("b"), "");
  EXPECT_EQ(query.at("c"), "==");
}

TEST(Target, WithTwoSpellingsIsRefused) {
  for (const std::string target : {"",
                                   "v1/models",
                                   "*",
                                   "http://localhost/v1/models",
                                   "//v1/models",
                                   "/v1//models",
                                   "/v1/models//",
                                   "/v1/./models",
                                   "/v1/../models",
                                   "/..",
                                   "/.",
                                   "/v1/%2e%2e/models",
                                   "/v1/%2E/models",
                                   "/v1%2fmodels",
                                   "/v1%2Fmodels",
                                   "/v1/models%00",
                                   "/v1/%0d%0a",
                                   "/v1/%7f",
                                   "/v1\\models",
                                   "/v1%5cmodels",
                                   "/v1/models#x",
                                   "/%",
                                   "/%2",
                                   "/%zz",
                                   "/%c0%af",
                                   "/%ff",
                                   "/%ed%a0%80",
                                   "/%f5%80%80%80",
                                   "/%e0%80%af",
                                   "/x?a=%00",
                                   "/x?a=%",
                                   "/x?a=1&a=2"}) {
    EXPECT_THROW(parse_target(target), HttpError) << target;
  }
}

}  // namespace
}  // namespace r1v

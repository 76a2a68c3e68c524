// URLs that may be fetched and those that may not.
#include "http/url.h"

#include <gtest/gtest.h>

#include "http/error.h"

namespace r1v {
namespace {

TEST(Url, IsReadIntoItsParts) {
  const WebUrl url = parse_web_url("HTTPS://Pictures.Example.org:8443/a/b%20c?d=/e#f");
  EXPECT_TRUE(url.is_https);
  EXPECT_EQ(url.host, "pictures.example.org");
  EXPECT_FALSE(url.is_address);
  EXPECT_EQ(url.port, 8443);
  EXPECT_EQ(url.target, "/a/b%20c?d=/e");
  EXPECT_EQ(url.authority(), "pictures.example.org:8443");
  EXPECT_EQ(parse_web_url("http://a.example").target, "/");
  EXPECT_EQ(parse_web_url("http://a.example").port, 80);
  EXPECT_EQ(parse_web_url("https://a.example?q").target, "/?q");
  EXPECT_EQ(parse_web_url("https://a.example:443/").authority(), "a.example");
  const WebUrl ip6 = parse_web_url("https://[2001:DB8::1]:80/x");
  EXPECT_EQ(ip6.host, "2001:db8::1");
  EXPECT_TRUE(ip6.is_address);
  EXPECT_EQ(ip6.authority(), "[2001:db8::1]:80");
  EXPECT_TRUE(parse_web_url("https://192.0.2.1/").is_address);
}

TEST(Url, WithTwoReadingsIsRefused) {
  for (const std::string text : {
           "",
           "a.example/x",
           "//a.example/x",
           "ftp://a.example/",
           "file:///etc/passwd",
           "gopher://a.example/",
           "data:image/png,x",
           "https:/a.example/",
           "https:a.example",
           "https://",
           "https:///x",
           "https://?x",
           "https://user@a.example/",
           "https://good.example@evil.example/",
           "https://a.example:x@evil.example/",
           "https://good.example\\@evil.example/",
           "https://good.example\\.evil.example/",
           "https:\\\\a.example/",
           "https://a.example /",
           "https://a.example/a b",
           "https://a.example/\r\nHost: b",
           "https://a.example/\t",
           "https://\xc3\xa9.example/",
           "https://a.example/\xe2\x80\xae",
           " https://a.example/",
           "https://a%2eexample/",
           "https://127%2e0.0.1/",
           "http://0x7f.1/",
           "http://0x7f000001/",
           "http://2130706433/",
           "http://017700000001/",
           "http://127.1/",
           "http://127.0.1/",
           "http://0177.0.0.1/",
           "http://127.0.0.01/",
           "http://127.0.0.256/",
           "http://1.2.3.4.5/",
           "http://a.0x1/",
           "http://example.1/",
           "http://127.0.0.1./",
           "http://a.example./",
           "http://.a.example/",
           "http://a..example/",
           "http://-a.example/",
           "http://a_b-.x/",
           "http://[::1/",
           "http://::1/",
           "http://[::1]x/",
           "http://[fe80::1%25eth0]/",
           "http://[fe80::1%eth0]/",
           "http://[1]/",
           "http://[v1.x]/",
           "http://a.example:/",
           "http://a.example:0/",
           "http://a.example:65536/",
           "http://a.example:080/",
           "http://a.example:-1/",
           "http://a.example:80:80/",
           "http://a.example:http/",
       }) {
    EXPECT_THROW(parse_web_url(text), HttpError) << text;
  }
  EXPECT_THROW(parse_web_url("https://a.example/" + std::string(2048, 'x')), HttpError);
  EXPECT_THROW(parse_web_url("https://" + std::string(64, 'x') + ".example/"), HttpError);
}

TEST(Url, FollowsLocations) {
  const WebUrl from = parse_web_url("https://a.example:444/b/c?d/e");
  const auto to = [&](const char* location) {
    const WebUrl url = follow_location(from, location);
    return std::string(url.is_https ? "https://" : "http://") + url.authority() + url.target;
  };
  EXPECT_EQ(to("http://b.example/x"), "http://b.example/x");
  EXPECT_EQ(to("//b.example/x"), "https://b.example/x");
  EXPECT_EQ(to("/x"), "https://a.example:444/x");
  EXPECT_EQ(to("x"), "https://a.example:444/b/x");
  EXPECT_EQ(to("?x"), "https://a.example:444/b/c?x");
  for (const char* location :
       {"file:///etc/passwd", "javascript:x", "\\\\evil.example", "/\\evil.example", "//u@b.example/", "/a b"}) {
    EXPECT_THROW(follow_location(from, location), HttpError) << location;
  }
}

}  // namespace
}  // namespace r1v

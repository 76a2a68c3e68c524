// Fetching: what is had, and every way in which it could lead somewhere else.
#include "http/fetch.h"

#include <gtest/gtest.h>

#include <thread>

#include "http/error.h"
#include "http/fetch_steps.h"
#include "http/tls_testing.h"

namespace r1v {
namespace {

// Plain HTTP on this machine, where every name leads to it.
struct Origin {
  Slot<HttpHead> asked;
  std::vector<std::string> resolved;
  TestHttpServer server;
  FetchPolicy policy{.allowed_hosts = {"pictures.test"},
                     .allows_http = true,
                     .max_bytes = 1000,
                     .timeout_s = 3,
                     .allows_private_addresses = true};

  explicit Origin(HttpHandler handler)
      : server({.allowed_hosts = {"pictures.test", "other.test", "127.0.0.1"}}, nullptr,
               {{"GET", "/x", [this, handler](const Exchange& exchange) {
                   HttpHead head;
                   head.headers = exchange->request().headers;
                   asked.put(head);
                   handler(exchange);
                 }}}) {}

  std::string url(const std::string& path = "/x", const std::string& host = "pictures.test") const {
    return cat("http://", host, ":", server.port(), path);
  }
  std::string fetch(const std::string& url) {
    return fetch_with(url, policy, [this](const std::string& host, double) {
      resolved.push_back(host);
      return std::vector<std::string>{"127.0.0.1"};
    });
  }
  std::string error(const std::string& url) {
    try {
      fetch(url);
      return "";
    } catch (const HttpError& error) {
      EXPECT_EQ(error.status, 400);
      return error.what();
    }
  }
};

HttpHandler redirect_to(const std::string& location, int status = 302) {
  return [=](const Exchange& exchange) { exchange->reply({.status = status, .headers = {{"Location", location}}}); };
}

const HttpHandler kPicture = [](const Exchange& exchange) {
  exchange->reply({.content_type = "image/png", .body = "picture"});
};

TEST(Fetch, GetsThePictureByItsName) {
  Origin origin(kPicture);
  EXPECT_EQ(origin.fetch(origin.url()), "picture");
  const auto asked = origin.asked.take();
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->header("host"), cat("pictures.test:", origin.server.port()));
  EXPECT_EQ(asked->header("accept-encoding"), "identity");
  EXPECT_FALSE(asked->headers.contains("cookie"));
  EXPECT_FALSE(asked->headers.contains("referer"));
  EXPECT_EQ(origin.resolved, std::vector<std::string>{"pictures.test"}) << "once";
}

TEST(Fetch, GetsStreams) {
  Origin origin([](const Exchange& exchange) {
    exchange->begin({});
    exchange->send("pic");
    exchange->send("ture");
    exchange->end();
  });
  EXPECT_EQ(origin.fetch(origin.url()), "picture");
}

TEST(Fetch, NothingIsFetchedUnlessAllowed) {
  Origin origin(kPicture);
  origin.policy.allowed_hosts = {};
  EXPECT_NE(origin.error(origin.url()).find("fetches no pictures"), std::string::npos);
  origin.policy.allowed_hosts = {"*.pictures.test", "Exact.test"};
  for (const char* host : {"pictures.test", "evilpictures.test", "a.pictures.test.evil", "sub.exact.test",
                           "exact.test.evil", "127.0.0.1"}) {
    EXPECT_NE(origin.error(origin.url("/x", host)).find("no pictures from"), std::string::npos) << host;
  }
  EXPECT_EQ(origin.asked.size(), 0u);
  EXPECT_TRUE(origin.resolved.empty()) << "not even resolved";
  EXPECT_EQ(origin.error(cat("http://a.pictures.test:", origin.server.port(), "/x")),
            "the picture could not be fetched: there is none at this URL");
  origin.policy.allows_http = false;
  EXPECT_NE(origin.error(origin.url()).find("https alone"), std::string::npos);
}

TEST(Fetch, AddressesInsideAreRefused) {
  Origin origin(kPicture);
  origin.policy.allows_private_addresses = false;
  for (const char* inside :
       {"127.0.0.1", "169.254.169.254", "10.0.0.1", "::1", "::ffff:127.0.0.1", "fd00::1", "100.64.0.1", "0.0.0.0"}) {
    for (const std::vector<std::string>& addresses :
         {std::vector<std::string>{inside}, std::vector<std::string>{"93.184.216.34", inside}}) {
      const ResolveHost resolve = [&](const std::string&, double) { return addresses; };
      EXPECT_THROW(fetch_with(origin.url(), origin.policy, resolve), HttpError) << inside;
    }
  }
  // Written as addresses, and allowed by name: still inside.
  origin.policy.allowed_hosts = {"127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254"};
  for (const char* host : {"127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "[::ffff:7f00:1]"}) {
    EXPECT_THROW(fetch(origin.url("/x", host), origin.policy), HttpError) << host;
  }
  EXPECT_EQ(origin.asked.size(), 0u);
}

TEST(Fetch, ANameIsResolvedOnceSoThatItCannotChangeItsMind) {
  // DNS rebinding: the first answer is public and checked; a second one, when connecting, would lead inside.
  Origin origin(kPicture);
  origin.policy.allows_private_addresses = false;
  origin.policy.timeout_s = 0.5;
  int times = 0;
  const ResolveHost rebinding = [&](const std::string&, double) {
    return std::vector<std::string>{++times == 1 ? "192.0.0.0" : "127.0.0.1"};
  };
  origin.policy.allows_private_addresses = true;  // the first address is let through; nobody answers there
  EXPECT_THROW(fetch_with(origin.url(), origin.policy, rebinding), HttpError);
  EXPECT_EQ(times, 1);
  EXPECT_EQ(origin.asked.size(), 0u);
}

TEST(Fetch, EachRedirectIsCheckedAsTheFirstUrl) {
  for (const char* location :
       {"http://other.test/x", "http://127.0.0.1/x", "http://169.254.169.254/latest/meta-data", "file:///etc/passwd",
        "http://pictures.test@127.0.0.1/x", "http://0x7f.1/x", "//localhost/x", "gopher://pictures.test/x"}) {
    Origin origin(redirect_to(location));
    EXPECT_THROW(origin.fetch(origin.url()), HttpError) << location;
    EXPECT_EQ(origin.asked.size(), 1u) << location;
  }
  // A name that was public for the first hop and is not for the second.
  Origin origin(redirect_to("http://pictures.test/x"));
  origin.policy.allows_private_addresses = false;
  EXPECT_THROW(origin.fetch(origin.url()), HttpError);
}

TEST(Fetch, FollowsAFewRedirects) {
  std::atomic<int> times = 0;
  Origin origin([&](const Exchange& exchange) {
    if (++times <= 3) {
      redirect_to("/x", times == 1 ? 301 : 308)(exchange);
    } else {
      kPicture(exchange);
    }
  });
  EXPECT_EQ(origin.fetch(origin.url()), "picture");
  EXPECT_EQ(origin.resolved.size(), 4u) << "each hop anew";
  times = -100;
  EXPECT_NE(origin.error(origin.url()).find("redirects more than 3 times"), std::string::npos);
}

TEST(Fetch, TooMuchIsNotRead) {
  for (const bool is_told : {true, false}) {
    Origin origin([=](const Exchange& exchange) {
      if (is_told) {
        exchange->reply({.body = std::string(1001, 'x')});
      } else {
        exchange->begin({.body = std::string(600, 'x')});
        exchange->send(std::string(600, 'x'));
        exchange->end();
      }
    });
    EXPECT_NE(origin.error(origin.url()).find("larger than 1000 bytes"), std::string::npos);
  }
  Origin origin([](const Exchange& exchange) { exchange->reply({.body = std::string(1000, 'x')}); });
  EXPECT_EQ(origin.fetch(origin.url()).size(), 1000u);
}

TEST(Fetch, TheWholeFetchHasATime) {
  // A byte now and then does not buy more of it.
  Origin origin([](const Exchange& exchange) {
    exchange->begin({});
    for (int i = 0; i < 40 && !exchange->is_gone(); ++i) {
      exchange->send("x");
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    if (!exchange->is_gone()) exchange->end();
  });
  origin.policy.timeout_s = 0.4;
  const double start_s = monotonic_s();
  EXPECT_NE(origin.error(origin.url()).find("could not be fetched"), std::string::npos);
  EXPECT_LT(monotonic_s() - start_s, 1.2);
}

TEST(Fetch, OtherRepliesAreNoPictures) {
  for (const int status : {204, 304, 400, 401, 404, 500, 503}) {
    Origin origin([=](const Exchange& exchange) { exchange->reply({.status = status, .body = "their words"}); });
    const std::string error = origin.error(origin.url());
    EXPECT_FALSE(error.empty()) << status;
    EXPECT_EQ(error.find("their words"), std::string::npos);
  }
  Origin coded(
      [](const Exchange& exchange) { exchange->reply({.body = "x", .headers = {{"Content-Encoding", "gzip"}}}); });
  EXPECT_FALSE(coded.error(coded.url()).empty());
  Origin cut([](const Exchange& exchange) { exchange->begin({.body = "half"}); });
  EXPECT_FALSE(cut.error(cut.url()).empty());
}

TEST(Fetch, OverTlsTheHostMustProveItsName) {
  const TestCertificate files, others;
  TestHttpServer server(
      {.tls_certificate = files.certificate, .tls_key = files.key, .allowed_hosts = {"pictures.test", "x.y.test"}});
  const ResolveHost resolve = [](const std::string&, double) { return std::vector<std::string>{"127.0.0.1"}; };
  FetchPolicy policy{.allowed_hosts = {"pictures.test", "x.y.test"},
                     .timeout_s = 3,
                     .allows_private_addresses = true,
                     .ca_file = files.certificate};
  const auto fetch_from = [&](const std::string& host) {
    return fetch_with(cat("https://", host, ":", server.port(), "/health"), policy, resolve);
  };
  EXPECT_EQ(fetch_from("pictures.test"), "{}");
  EXPECT_THROW(fetch_from("x.y.test"), HttpError) << "another name than the certificate's";
  policy.ca_file = others.certificate;
  EXPECT_THROW(fetch_from("pictures.test"), HttpError) << "signed by nobody known";
  policy.ca_file = "";
  EXPECT_THROW(fetch_from("pictures.test"), HttpError) << "signed by nobody known";
}

}  // namespace
}  // namespace r1v

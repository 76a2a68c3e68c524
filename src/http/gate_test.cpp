// Who passes the gate: hosts, origins, keys, paths, methods.
#include "http/gate.h"

#include <gtest/gtest.h>

#include "http/server_testing.h"

namespace r1v {
namespace {

std::vector<HttpRoute> routes() {
  const HttpHandler none = [](const std::shared_ptr<HttpExchange>&) {};
  return {{"GET", "/health", none, false},       {"GET", "/", none, false},
          {"GET", "/v1/models", none},           {"POST", "/v1/chat/completions", none, true, true, 1000},
          {"DELETE", "/v1/requests/{id}", none}, {"POST", "/v1/requests/{id}/end_thinking", none}};
}

Admission admit(const Gate& gate, const std::string& method, const std::string& target, const std::string& fields = "",
                const std::string& host = "localhost:8000") {
  return gate.admit(
      parse_request_head(method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n"));
}

// 0: it goes on to its handler.
int status(const Gate& gate, const std::string& method, const std::string& target, const std::string& fields = "",
           const std::string& host = "localhost:8000") {
  const Admission admission = admit(gate, method, target, fields, host);
  return admission.reply ? admission.reply->status : 0;
}

std::string header(const HttpReply& reply, const std::string& name) {
  for (const auto& [key, value] : reply.headers) {
    if (key == name) return value;
  }
  return "";
}

const std::string kBearer = "Authorization: Bearer sesame\r\n";

TEST(Gate, FindsRoutesAndTheirParts) {
  const Gate gate({}, routes(), nullptr);
  EXPECT_EQ(admit(gate, "GET", "/v1/models").route->pattern, "/v1/models");
  const Admission admission = admit(gate, "POST", "/v1/requests/a%20b/end_thinking?x=1");
  EXPECT_EQ(admission.route->pattern, "/v1/requests/{id}/end_thinking");
  EXPECT_EQ(admission.parameters.at("id"), "a b");
  EXPECT_EQ(admission.target.query.at("x"), "1");
  EXPECT_EQ(admit(gate, "HEAD", "/health").route->pattern, "/health");
  EXPECT_EQ(status(gate, "GET", "/v1/nothing"), 404);
  EXPECT_EQ(status(gate, "GET", "/v1/models/"), 404);
  EXPECT_EQ(status(gate, "GET", "/V1/models"), 404);
  EXPECT_EQ(status(gate, "DELETE", "/v1/requests/"), 404);
  const Admission wrong_method = admit(gate, "PUT", "/v1/models");
  EXPECT_EQ(wrong_method.reply->status, 405);
  EXPECT_EQ(header(*wrong_method.reply, "Allow"), "GET, HEAD");
}

TEST(Gate, NoSpellingOfAPathGetsPastTheKey) {
  const Gate gate({}, routes(), sesame());
  for (const std::string target : {"/v1/models",
                                   "//v1/models",
                                   "/v1//models",
                                   "/v1/models/",
                                   "/V1/MODELS",
                                   "/v1%2fmodels",
                                   "/v1%2Fmodels",
                                   "/v1/./models",
                                   "/health/../v1/models",
                                   "/health/%2e%2e/v1/models",
                                   "/health/..%2fv1/models",
                                   "/%2e/v1/models",
                                   "/v1/models%00",
                                   "/v1/models%00/health",
                                   "/v1\\models",
                                   "/v1/models%20",
                                   "/v1/%6dodels",
                                   "/v1/models;/health",
                                   "/v1/models?/health",
                                   "http://localhost/v1/models",
                                   "http://localhost/health",
                                   "https://x/v1/models",
                                   "//localhost/health",
                                   "/health/",
                                   "/HEALTH",
                                   "/health%2f",
                                   "/health%00",
                                   "*",
                                   "/metrics",
                                   "/unknown",
                                   "/v1/models/%2e",
                                   "/%zz",
                                   "/v1/chat/completions"}) {
    for (const std::string method : {"GET", "POST", "HEAD", "OPTIONS", "DELETE", "PUT", "get", "CONNECT", "X"}) {
      const Admission admission = admit(gate, method, target);
      ASSERT_TRUE(admission.reply) << method << " " << target;
      EXPECT_EQ(admission.reply->status, 401) << method << " " << target;
      EXPECT_EQ(header(*admission.reply, "WWW-Authenticate"), "Bearer");
    }
  }
  EXPECT_EQ(status(gate, "GET", "/health"), 0);
  EXPECT_EQ(status(gate, "GET", "/%68ealth"), 0) << "the same path";
  EXPECT_EQ(status(gate, "POST", "/health"), 401);
}

TEST(Gate, TakesAKeyInEitherField) {
  const Gate gate({}, routes(), sesame());
  const Admission admission = admit(gate, "GET", "/v1/models", kBearer);
  EXPECT_FALSE(admission.reply);
  EXPECT_EQ(admission.key_name, "ali");
  EXPECT_EQ(status(gate, "GET", "/v1/models", "X-API-Key: sesame\r\n"), 0);
  EXPECT_EQ(status(gate, "GET", "/v1/models", "authorization: bearer   sesame\r\n"), 0);
  for (const char* field : {"Authorization: sesame\r\n", "Authorization: Basic sesame\r\n", "Authorization: Bearer\r\n",
                            "Authorization: Bearer sesam\r\n", "Authorization: Bearer sesame2\r\n",
                            "Authorization: Bearer SESAME\r\n", "X-API-Key: \r\n", "X-API-Key: Bearer sesame\r\n",
                            "Authorization: Bearer wrong\r\nX-API-Key: sesame\r\n", "Cookie: sesame\r\n"}) {
    EXPECT_EQ(status(gate, "GET", "/v1/models", field), 401) << field;
  }
  EXPECT_EQ(status(gate, "GET", "/v1/models?api_key=sesame"), 401);
  // With a key one is told more.
  EXPECT_EQ(status(gate, "GET", "/v1//models", kBearer), 400);
  EXPECT_EQ(status(gate, "GET", "/unknown", kBearer), 404);
  EXPECT_EQ(status(gate, "DELETE", "/v1/models", kBearer), 405);
}

TEST(Gate, CountsWhatAKeyHasAtWork) {
  const Gate gate({}, routes(), sesame(2));
  const Admission first = admit(gate, "POST", "/v1/chat/completions", kBearer);
  {
    const Admission second = admit(gate, "POST", "/v1/chat/completions", kBearer);
    EXPECT_FALSE(second.reply);
    const Admission third = admit(gate, "POST", "/v1/chat/completions", kBearer);
    ASSERT_TRUE(third.reply);
    EXPECT_EQ(third.reply->status, 429);
    EXPECT_EQ(header(*third.reply, "Retry-After"), "1");
    EXPECT_EQ(status(gate, "GET", "/v1/models", kBearer), 0) << "is no work";
  }
  EXPECT_EQ(status(gate, "POST", "/v1/chat/completions", kBearer), 0) << "the second is over";
}

TEST(Gate, WithoutKeysOnlyThisMachinesNamesAreAnswered) {
  // DNS rebinding: a page at evil.example makes its name lead here; the browser still sends Host: evil.example.
  const Gate open({}, routes(), nullptr);
  for (const char* host : {"localhost", "localhost:8000", "LOCALHOST", "127.0.0.1:8000", "[::1]:8000", "192.168.1.7"}) {
    EXPECT_EQ(status(open, "GET", "/v1/models", "", host), 0) << host;
  }
  for (const char* host : {"evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "",
                           "localhost@evil.example", "[::1", "0x7f.1", "localhost."}) {
    EXPECT_EQ(status(open, "GET", "/v1/models", "", host), 403) << host;
    EXPECT_EQ(status(open, "GET", "/health", "", host), 403) << host;
  }
  const Gate keyed({}, routes(), sesame());
  EXPECT_EQ(status(keyed, "GET", "/v1/models", kBearer, "any.example"), 0);
  const Gate named({.allowed_hosts = {"R1v.example"}}, routes(), sesame());
  EXPECT_EQ(status(named, "GET", "/v1/models", kBearer, "r1v.example:443"), 0);
  EXPECT_EQ(status(named, "GET", "/v1/models", kBearer, "localhost"), 403);
  const Gate bound({.own_host = "r1v.lan"}, routes(), nullptr);
  EXPECT_EQ(status(bound, "GET", "/v1/models", "", "r1v.lan:8000"), 0);
}

TEST(Gate, PagesFromElsewhereAreAllowedByNameOnly) {
  const std::string ours = "Origin: https://app.example\r\n";
  const std::string preflight =
      "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization, x-a\r\n";
  const Gate gate({.allowed_origins = {"https://app.example"}}, routes(), sesame());
  const Admission asked = admit(gate, "OPTIONS", "/v1/chat/completions", ours + preflight);
  ASSERT_TRUE(asked.reply);
  EXPECT_EQ(asked.reply->status, 204);
  EXPECT_EQ(header(*asked.reply, "Access-Control-Allow-Headers"), "authorization, x-a");
  const auto has_allow_origin = [](const Admission& admission) {
    for (const auto& [name, value] : admission.headers) {
      if (name == "Access-Control-Allow-Origin") return value == "https://app.example";
    }
    return false;
  };
  EXPECT_TRUE(has_allow_origin(asked));
  EXPECT_TRUE(has_allow_origin(admit(gate, "GET", "/v1/models", ours + kBearer)));
  EXPECT_TRUE(has_allow_origin(admit(gate, "GET", "/v1/models", ours))) << "a page may read why it is refused";
  for (const char* origin :
       {"https://evil.example", "https://app.example.evil.example", "http://app.example", "null"}) {
    const std::string field = cat("Origin: ", origin, "\r\n");
    EXPECT_EQ(status(gate, "OPTIONS", "/v1/chat/completions", field + preflight), 401) << origin;
    EXPECT_FALSE(has_allow_origin(admit(gate, "GET", "/v1/models", field + kBearer))) << origin;
  }
}

TEST(Gate, WithoutKeysOtherPagesCannotPost) {
  const Gate gate({}, routes(), nullptr);
  EXPECT_EQ(status(gate, "POST", "/v1/chat/completions", "Origin: https://evil.example\r\n"), 403);
  EXPECT_EQ(status(gate, "POST", "/v1/chat/completions", "Origin: null\r\n"), 403);
  EXPECT_EQ(status(gate, "POST", "/v1/chat/completions", "Origin: http://localhost:8000\r\n"), 0);
  EXPECT_EQ(status(gate, "POST", "/v1/chat/completions"), 0) << "no browser";
  const Gate keyed({}, routes(), sesame());
  EXPECT_EQ(status(keyed, "POST", "/v1/chat/completions", "Origin: https://evil.example\r\n" + kBearer), 0);
}

TEST(Gate, RefusesCodedBodies) {
  const Gate gate({}, routes(), nullptr);
  EXPECT_EQ(status(gate, "POST", "/v1/chat/completions", "Content-Encoding: gzip\r\n"), 415);
  EXPECT_EQ(status(gate, "POST", "/v1/chat/completions", "Content-Encoding: identity\r\n"), 0);
}

}  // namespace
}  // namespace r1v

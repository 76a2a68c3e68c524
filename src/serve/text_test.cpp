// JSON text, shapes as schemas, histograms, and the description that is served.
#include <gmock/gmock.h>

#include "serve/fakes_test.h"
#include "serve/json_text.h"
#include "serve/monitor.h"
#include "serve/request_shapes.h"

namespace r1v {
namespace {

using ::testing::HasSubstr;

std::string json_of(std::string_view text) {
  std::string out;
  append_quoted(text, out);
  return out;
}

TEST(JsonText, EscapesWhatJsonForbids) {
  EXPECT_EQ(json_of("a\"b\\c\n\r\t\x01\x1f"), R"("a\"b\\c\n\r\t\u0001\u001f")");
  EXPECT_EQ(json_of("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"");
  EXPECT_EQ(json_of(std::string_view("\0", 1)), R"("\u0000")");
}

// One U+FFFD a broken piece, as Python's errors="replace" gives.
TEST(JsonText, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(json_of("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
  EXPECT_EQ(json_of("\xE2\x82"), "\"\xEF\xBF\xBD\"");
  EXPECT_EQ(json_of("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");  // a lone surrogate
}

TEST(JsonText, EveryByteStringIsReadBackAsJson) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text = {static_cast<char>(first), static_cast<char>(second)};
      EXPECT_TRUE(parse_json(json_of(text), "text").is_string());
    }
  }
}

TEST(JsonText, NumbersAreShort) {
  std::string out;
  append_number(-0.1, out);
  out += ' ';
  append_integer(INT64_MIN, out);
  EXPECT_EQ(out, "-0.1 -9223372036854775808");
}

TEST(Shapes, BecomeJsonSchemas) {
  using namespace shapes;
  Shape top_p = number("", 0, 1);
  top_p.is_above_low = true;
  const Shape shape =
      object("Request", {{"name", string("what", 5), true}, {"top_p", top_p}, {"kind", choice({"a", "b"})}});
  Json components = Json::object();
  EXPECT_EQ(schema_of(shape, components).dump(), R"({"$ref":"#/components/schemas/Request"})");
  EXPECT_EQ(components["Request"].dump(),
            R"({"type":"object","additionalProperties":false,"properties":{)"
            R"("name":{"type":"string","maxLength":5,"description":"what"},)"
            R"("top_p":{"anyOf":[{"type":"number","exclusiveMinimum":0,"maximum":1},{"type":"null"}]},)"
            R"("kind":{"anyOf":[{"type":"string","enum":["a","b"]},{"type":"null"}]}},"required":["name"]})");
}

TEST(Shapes, CountCharactersAsJsonSchemaDoes) {
  const Shape shape = shapes::string("", 2);
  EXPECT_NO_THROW(check_shape(Json("\xC3\xA9\xE2\x82\xAC"), shape, "a"));  // two characters, five bytes
  EXPECT_THROW(check_shape(Json("abc"), shape, "a"), HttpError);
}

TEST(Histograms, CountWhatIsBelowEachBound) {
  Histogram histogram({1, 2});
  for (const double value : {0.5, 1.0, 1.5, 7.0}) histogram.add(value);
  std::string out;
  histogram.print("h", "Help.", out);
  EXPECT_EQ(out,
            "# HELP h Help.\n# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"2\"} 3\nh_bucket{le=\"+Inf\"} 4\n"
            "h_sum 10\nh_count 4\n");
}

TEST(Monitor, CountsAnswersThatNobodyWaitedFor) {
  ServeMonitor monitor(/*logs_requests=*/false);
  for (int i = 0; i < 5000; ++i) monitor.answered(i, {.completion_tokens = 1, .samples = 1});
  EXPECT_THAT(monitor.metrics(), HasSubstr("r1v_completion_tokens_total 5000\n"));
}

// Whoever hangs up and asks again under the same id has two lines; the first one's facts come late.
TEST(Monitor, FactsGoToTheirOwnRequestsLine) {
  ServeMonitor monitor;
  testing::internal::CaptureStderr();
  monitor.finished({.number = 1, .id = "same", .client_gone = true});
  monitor.answered(1, {.model = "first"});
  monitor.answered(2, {.model = "second"});
  monitor.finished({.number = 2, .id = "same"});
  const std::string log = testing::internal::GetCapturedStderr();
  const size_t end = log.find('\n');
  EXPECT_FALSE(parse_json(log.substr(0, end), "line").contains("model"));
  EXPECT_EQ(parse_json(log.substr(end + 1), "line").at("model"), "second");
}

class Description : public ServeFixture {
 public:
  Description() { add_models(); }
};

TEST_F(Description, NamesEveryRouteButThePages) {
  const Json description = parse_json(send("GET", "/openapi.json")->body, "reply");
  EXPECT_EQ(description.at("openapi"), "3.1.0");
  size_t num_described = 0;
  for (const auto& [path, methods] : description.at("paths").items()) num_described += methods.size();
  size_t num_routes = 0;
  for (const HttpRoute& route : serving.routes) {
    if (!route.needs_key && route.pattern != "/health") continue;  // the page
    ++num_routes;
    std::string method = route.method;
    std::ranges::transform(method, method.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
    EXPECT_TRUE(description["paths"][route.pattern].contains(method)) << route.pattern;
  }
  EXPECT_EQ(num_described, num_routes);
}

TEST_F(Description, EveryReferenceLeadsSomewhere) {
  const std::string body = send("GET", "/openapi.json")->body;
  const Json schemas = parse_json(body, "reply").at("components").at("schemas");
  const std::string front = "\"#/components/schemas/";
  ASSERT_NE(body.find(front), std::string::npos);
  for (size_t at = body.find(front); at != std::string::npos; at = body.find(front, at + 1)) {
    const size_t begin = at + front.size();
    EXPECT_TRUE(schemas.contains(body.substr(begin, body.find('"', begin) - begin)));
  }
}

TEST_F(Description, OnlyHealthAndThePageNeedNoKey) {
  send("GET", "/health");
  for (const HttpRoute& route : serving.routes) {
    const bool is_open = route.pattern == "/health" || route.pattern == "/" || route.pattern.starts_with("/assets/");
    EXPECT_EQ(route.needs_key, !is_open) << route.pattern;
  }
}

}  // namespace
}  // namespace r1v

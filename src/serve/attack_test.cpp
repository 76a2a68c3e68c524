// Requests that mean harm, or are merely wrong: each is a 400 that names the field, and the model is not asked.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/base64.h"
#include "serve/fakes_test.h"
#include "serve/picture_source.h"

namespace r1v {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kChat = "/v1/chat/completions";

std::string chat(const std::string& more) { return R"({"messages":[{"role":"user","content":"a"}],)" + more + "}"; }

std::string chat_picture(const std::string& url) {
  Json part = {{"type", "image_url"}, {"image_url", {{"url", url}}}};
  Json body;
  body["messages"] = Json::array({{{"role", "user"}, {"content", Json::array({std::move(part)})}}});
  return dump_json(body);
}

std::string data_url(const std::string& bytes) { return "data:image/png;base64," + encode_base64(bytes); }

class Attack : public ServeFixture {
 public:
  Attack() { add_models(); }

  void expect_refused(const std::string& path, const std::string& body, const std::string& param,
                      const std::string& message, int status = 400) {
    const Json error = error_of(path, body);
    EXPECT_EQ(error.value("status", 0), status) << body.substr(0, 200);
    EXPECT_EQ(error.value("param", Json()), param.empty() ? Json() : Json(param)) << error.dump();
    EXPECT_THAT(error.value("message", ""), HasSubstr(message));
    EXPECT_TRUE(generator.questions.empty()) << "the model was asked";
  }
};

TEST_F(Attack, UnknownParametersAreNamedAtEveryLevel) {
  expect_refused(kChat, chat(R"("temprature":1)"), "temprature", "unknown parameter: temprature; known are: model");
  expect_refused(kChat, chat(R"("thinking":{"budget":1})"), "thinking.budget",
                 "known here are: enabled, budget_tokens");
  expect_refused(kChat, R"({"messages":[{"role":"user","content":"a","cache":1}]})", "messages[0].cache", "unknown");
  expect_refused(kChat, R"({"messages":[{"role":"user","content":[{"type":"text","text":"a","x":1}]}]})",
                 "messages[0].content[0].x", "unknown");
}

TEST_F(Attack, WhatIsKnownAndNotSupportedSaysSo) {
  expect_refused(kChat, chat(R"("tools":[])"), "tools", "tools is not supported: this server calls no tools");
  expect_refused(kChat, chat(R"("store":true)"), "store", "can only be false");
  expect_refused("/v1/completions", R"({"prompt":"a","echo":true})", "echo", "not supported");
  expect_refused("/v1/completions", R"({"prompt":"a","suffix":"b"})", "suffix", "not supported");
  expect_refused("/v1/responses", R"({"input":"a","previous_response_id":"resp_1"})", "previous_response_id",
                 "keeps no answers");
}

TEST_F(Attack, TypesAndRangesAreChecked) {
  expect_refused(kChat, chat(R"("temperature":"hot")"), "temperature", "is a string, expected a number");
  expect_refused(kChat, chat(R"("temperature":2.5)"), "temperature", "is 2.5, expected at least 0 and at most 2");
  expect_refused(kChat, chat(R"("top_p":0)"), "top_p", "more than 0");
  expect_refused(kChat, chat(R"("max_tokens":1.5)"), "max_tokens", "expected an integer");
  expect_refused(kChat, chat(R"("max_tokens":-1)"), "max_tokens", "at least 1");
  expect_refused(kChat, chat(R"("max_tokens":99999999999999999999999)"), "max_tokens", "at most");
  expect_refused(kChat, chat(R"("max_tokens":-9223372036854775808)"), "max_tokens", "at least 1");
  expect_refused(kChat, chat(R"("max_tokens":5000)"), "max_tokens", "context holds 4096 tokens");
  expect_refused(kChat, chat(R"("seed":1e30)"), "seed", "at most");
  expect_refused(kChat, chat(R"("seed":4611686018427387905)"), "seed", "at most 4611686018427387904");  // 2^62 + 1
  expect_refused(kChat, chat(R"("thinking":{"budget_tokens":50},"max_tokens":50)"), "thinking.budget_tokens",
                 "leaves no token for the answer");
  expect_refused(kChat, R"({"messages":[]})", "messages", "has 0 entries, expected at least 1");
  expect_refused(kChat, R"({"messages":[{"role":"tool","content":"a"}]})", "messages[0].role",
                 "system, developer, user, assistant");
  expect_refused(kChat, R"({"messages":[{"role":"user"}]})", "messages[0].content", "missing");
  expect_refused(kChat, R"({"messages":[{"role":"user","content":null}]})", "messages[0].content", "is null");
  expect_refused(kChat, "[]", "", "the request's body is a list, expected an object");
}

TEST_F(Attack, WhatIsNoJsonIsRefusedWithoutTheParsersWords) {
  for (const std::string body :
       {"", "{", "nonsense", R"({"temperature":NaN})", R"({"temperature":1e999})", "{\"model\":\"\xff\"}"}) {
    const Json error = error_of(kChat, body);
    EXPECT_EQ(error.value("status", 0), 400) << body;
    EXPECT_THAT(error.value("message", ""), HasSubstr("not valid JSON in UTF-8"));
    EXPECT_THAT(error.value("message", ""), Not(HasSubstr("syntax error")));
  }
}

TEST_F(Attack, DeepJsonIsRefusedBeforeItIsParsed) {
  const std::string deep(3000, '[');
  expect_refused(kChat, R"({"messages":)" + deep, "", "nested deeper than 64 levels");
  // Brackets inside of strings are text.
  generator.script = [](AnswerListener& listener, size_t) { listener.on_error("asked", true); };
  const std::string text = "\\\"[[[[" + std::string(100, '{');
  EXPECT_EQ(error_of(kChat, R"({"messages":[{"role":"user","content":")" + text + "\"}]}").at("message"), "asked");
}

TEST_F(Attack, AKeyThatStandsTwiceIsRefused) {
  expect_refused(kChat, chat(R"("temperature":0,"temperature":1)"), "", "has the key \"temperature\" twice");
  expect_refused(kChat, chat(R"("thinking":{"enabled":true,"en\u0061bled":false})"), "", "\"enabled\" twice");
}

// Reading an object takes its keys' number squared: a million of them would hold a worker for an hour.
TEST_F(Attack, ObjectsWithVeryManyKeysAreRefusedAtOnce) {
  std::string metadata = "{";
  for (int i = 0; i < 1'000'000; ++i) metadata += cat(i == 0 ? "" : ",", '"', i, "\":\"\"");
  const double start_s = monotonic_s();
  expect_refused(kChat, chat("\"metadata\":" + metadata + "}"), "", "an object with more than 2048 keys");
  EXPECT_LT(monotonic_s() - start_s, 5.0);
}

TEST_F(Attack, APageOfElsewhereCannotSendAForm) {
  const auto exchange = send("POST", kChat, chat(R"("n":1)"), "", "text/plain");
  EXPECT_EQ(exchange->status, 415);
  EXPECT_EQ(send("POST", kChat, chat(R"("n":1)"), "", "")->status, 415);
  generator.script = [](AnswerListener& listener, size_t) { listener.on_error("asked", true); };
  EXPECT_EQ(send("POST", kChat, chat(R"("n":1)"), "", "Application/JSON; charset=utf-8")->status, 400);
}

TEST_F(Attack, CountsAreCapped) {
  expect_refused(kChat, chat(R"("n":17)"), "n", "at most 16");
  expect_refused(kChat, chat(R"("best_of":17)"), "best_of", "at most 16");
  expect_refused(kChat, chat(R"("best_of":2,"n":2,"temperature":1)"), "n", "best_of");
  expect_refused(kChat, chat(R"("best_of":2,"temperature":0)"), "temperature", "would be the same");
  expect_refused(kChat, chat(R"("logprobs":true,"top_logprobs":21)"), "top_logprobs", "at most 20");
  expect_refused(kChat, chat(R"("top_logprobs":2)"), "top_logprobs", "needs logprobs");
  Json many = Json::array();
  for (int i = 0; i < 17; ++i) many.push_back(cat("stop", i));
  expect_refused(kChat, chat("\"stop\":" + many.dump()), "stop", "at most 16");
  expect_refused(kChat, chat(R"("stop":"")"), "stop", "at least 1");
  Json bias = Json::object();
  for (int i = 0; i < 1025; ++i) bias[cat(i)] = 1;
  expect_refused(kChat, chat("\"logit_bias\":" + bias.dump()), "logit_bias", "at most 1024");
  expect_refused(kChat, chat(R"("logit_bias":{"-1":1})"), "logit_bias", "token ids in digits");
  expect_refused(kChat, chat(R"("logit_bias":{"1024":1})"), "logit_bias", "from 0 to 1023");
  expect_refused(kChat, chat(R"("logit_bias":{"99999999999999999999":1})"), "logit_bias", "from 0 to 1023");
  expect_refused(kChat, chat(R"("logit_bias":{"07":1,"7":2})"), "logit_bias", "names the token 07");
  expect_refused(kChat, chat(R"("logit_bias":{"7":101})"), "logit_bias.7", "at most 100");
  expect_refused("/v1/completions", R"({"prompt":["a","b","c"],"n":6})", "n", "together at most 16");
  expect_refused("/v1/completions", R"({"prompt":[1,2,1024]})", "prompt", "from 0 to 1023");
  expect_refused("/v1/completions", R"({"prompt":["a",[1]]})", "prompt[1]", "another kind");
  expect_refused("/v1/completions", R"({"prompt":[1,"a"]})", "prompt", "mixes");
}

TEST_F(Attack, TemplateArgumentsAreAnAllowList) {
  expect_refused(kChat, chat(R"("chat_template_kwargs":{"tokenize":true})"), "chat_template_kwargs.tokenize",
                 "known here are: enable_thinking");
  expect_refused(kChat, chat(R"("chat_template":"{{ 1 }}")"), "chat_template", "unknown parameter");
  expect_refused(kChat, chat(R"("chat_template_kwargs":{"enable_thinking":false},"thinking":{"enabled":true})"),
                 "chat_template_kwargs.enable_thinking", "contradicts");
}

TEST_F(Attack, BrokenSchemasAre400) {
  expect_refused(
      kChat,
      chat(R"("response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"nonsense"}}})"),
      "response_format.json_schema.schema", "");
  expect_refused(kChat, chat(R"("response_format":{"type":"xml"})"), "response_format.type",
                 "text, json_object, json_schema");
  expect_refused(kChat, chat(R"("response_format":{"type":"json_schema"})"), "response_format.json_schema", "missing");
}

TEST_F(Attack, DataUrlsAreStrict) {
  const std::string where = "messages[0].content[0].image_url.url";
  const std::string png = "iVBORw0KGgo=";
  expect_refused(kChat, chat_picture("xdata:image/png;base64," + png), where, "expected a data URL");
  expect_refused(kChat, chat_picture(" data:image/png;base64," + png), where, "expected a data URL");
  expect_refused(kChat, chat_picture("data:text/html;base64," + png), where, "data:image/");
  expect_refused(kChat, chat_picture("data:image/png," + png), where, "not base64");
  expect_refused(kChat, chat_picture("data:image/png;base64,"), where, "empty");
  expect_refused(kChat, chat_picture("data:image/png;base64,iVBO Rw0K"), where, "");
  expect_refused(kChat, chat_picture("data:image/png;base64,iVBORw0KGgo"), where, "");
  expect_refused(kChat, chat_picture("data:image/png;base64," + png), where, "");  // a front and nothing behind it
  expect_refused(kChat, chat_picture("data:image/png;base64," + std::string(27'000'000, 'A')), where, "20000000 bytes");
}

TEST_F(Attack, OtherSourcesAreOffByDefault) {
  const std::string where = "messages[0].content[0].image_url.url";
  expect_refused(kChat, chat_picture("http://169.254.169.254/latest/meta-data"), where, "fetches no pictures");
  expect_refused(kChat, chat_picture("https://example.org/a.png"), where, "fetches no pictures");
  for (const std::string url :
       {"file:///etc/passwd", "/etc/passwd", "examples/a.png", "ftp://example.org/a.png", "javascript:1", ""}) {
    expect_refused(kChat, chat_picture(url), where, "expected a data URL");
  }
}

// A header that says 20000x20000 and 1 pixel behind it: refused by what it says (picture.h reads headers first).
TEST_F(Attack, DecompressionBombsAreRefusedByTheirHeader) {
  std::string bomb = "\x89PNG\r\n\x1a\n";
  bomb += std::string("\0\0\0\rIHDR\0\0\x4e\x20\0\0\x4e\x20\x08\x02\0\0\0", 21);
  bomb += std::string("\x6c\x12\xd1\x6e", 4);  // zlib.crc32 of the chunk
  bomb += std::string("\0\0\0\0IDAT", 8);
  for (const auto& [max_pixels, max_side] : {std::pair{int64_t{50'000'000}, 30'000}, {int64_t{1} << 40, 8192}}) {
    options.limits.picture.max_pixels = max_pixels;
    options.limits.max_total_pixels = int64_t{1} << 40;
    options.limits.picture.max_side = max_side;
    expect_refused(kChat, chat_picture(data_url(bomb)), "messages[0].content[0].image_url.url", "20000 x 20000");
  }
}

TEST_F(Attack, DegeneratePicturesAreAnsweredOrRefused) {
  generator.script = [](AnswerListener& listener, size_t) { listener.on_error("asked", true); };
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 500}, {500, 1}}) {
    const std::string png = encode_png(
        {.width = width, .height = height, .rgb = std::vector<uint8_t>(static_cast<size_t>(width) * height * 3)});
    EXPECT_EQ(error_of(kChat, chat_picture(data_url(png))).at("message"), "asked");
  }
  generator.questions.clear();
  const std::string whole = encode_png({.width = 30, .height = 20, .rgb = std::vector<uint8_t>(1800, 7)});
  expect_refused(kChat, chat_picture(data_url(whole.substr(0, whole.size() / 2))),
                 "messages[0].content[0].image_url.url", "");
  expect_refused(kChat, chat_picture(data_url("GIF89a")), "messages[0].content[0].image_url.url", "");
}

TEST_F(Attack, PicturesAreCountedByNumberAndPixels) {
  const std::string png = encode_png({.width = 100, .height = 100, .rgb = std::vector<uint8_t>(30000)});
  Json parts = Json::array();
  for (int i = 0; i < 3; ++i) parts.push_back({{"type", "image_url"}, {"image_url", data_url(png)}});
  Json body;
  body["messages"] = Json::array({{{"role", "user"}, {"content", parts}}});
  options.limits.max_pictures = 2;
  expect_refused(kChat, body.dump(), "messages[0].content[2].image_url", "more than 2 pictures");
  options.limits.max_pictures = 16;
  options.limits.max_total_pixels = 25'000;
  expect_refused(kChat, body.dump(), "messages[0].content[2].image_url", "");
  // A judge holds each picture once a candidate: 30000 pixels, three copies.
  options.limits.max_total_pixels = 85'000;
  body["best_of"] = 2;
  body["temperature"] = 1;
  expect_refused(kChat, body.dump(), "messages[0].content[2].image_url", "");
}

TEST_F(Attack, PicturesStandInUserMessagesAlone) {
  expect_refused(kChat,
                 R"({"messages":[{"role":"system","content":[{"type":"image_url","image_url":{"url":"data:"}}]}]})",
                 "messages[0].content[0].type", "expected one of: text");
}

TEST_F(Attack, DetailLowIsForAllPicturesOrNone) {
  const std::string url = data_url(encode_png({.width = 2, .height = 2, .rgb = std::vector<uint8_t>(12)}));
  Json low = {{"type", "image_url"}, {"image_url", {{"url", url}, {"detail", "low"}}}};
  Json high = {{"type", "image_url"}, {"image_url", {{"url", url}, {"detail", "high"}}}};
  Json body;
  body["messages"] = Json::array({{{"role", "user"}, {"content", Json::array({low, high})}}});
  expect_refused(kChat, body.dump(), "messages", "asks for detail \"low\" of some pictures");
  body["messages"][0]["content"] = Json::array({low, low});
  generator.script = [](AnswerListener& listener, size_t) { listener.on_error("asked", true); };
  send("POST", kChat, body.dump());
  EXPECT_EQ(generator.questions.at(0).max_tiles, 1);
}

class PictureFolder : public ::testing::Test {
 public:
  PictureFolder() {
    namespace fs = std::filesystem;
    top_ = fs::path(::testing::TempDir()) / cat("r1v_serve_", ::getpid());
    fs::remove_all(top_);
    fs::create_directories(top_ / "root/inner");
    std::ofstream(top_ / "root/inner/a.png") << "bytes";
    std::ofstream(top_ / "secret") << "secret";
    fs::create_symlink(top_ / "secret", top_ / "root/link");
    fs::create_directory_symlink(top_, top_ / "root/up");
    ::mkfifo((top_ / "root/pipe").c_str(), 0600);
  }
  ~PictureFolder() override { std::filesystem::remove_all(top_); }

  std::string read(const std::string& path) { return read_below(top_ / "root", path, 100, "url"); }
  std::filesystem::path top_;
};

TEST_F(PictureFolder, FilesBelowTheRootAreRead) {
  EXPECT_EQ(read("inner/a.png"), "bytes");
  EXPECT_EQ(read("file:inner/a.png"), "bytes");
  EXPECT_EQ(read("file://" + (top_ / "root/inner/a.png").string()), "bytes");
}

TEST_F(PictureFolder, NothingElseIs) {
  const std::vector<std::string> paths = {"../secret",
                                          "inner/../../secret",
                                          "%2e%2e/secret",
                                          "inner/%2e%2e/a.png",
                                          "link",
                                          "up/secret",
                                          "/etc/passwd",
                                          "file:///proc/self/environ",
                                          "/dev/zero",
                                          "pipe",
                                          "inner",
                                          "",
                                          ".",
                                          "inner//a.png",
                                          "./inner/a.png",
                                          std::string("inner/a.png\0", 12),
                                          "file://" + (top_ / "root/../secret").string(),
                                          "file://" + (top_ / "rootless").string()};
  for (const std::string& path : paths) EXPECT_THROW(read(path), HttpError) << path;
  std::ofstream(top_ / "root/large") << std::string(101, 'x');
  EXPECT_THROW(read("large"), HttpError);
}

}  // namespace
}  // namespace r1v

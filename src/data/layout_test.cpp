// Layouts of other tools become one render request.
#include <gtest/gtest.h>

#include "base/error.h"
#include "data/read_sft.h"

namespace r1v {
namespace {

Json request_of(const std::string& line) { return sft_request(parse_json(line, "test"), "train.jsonl line 7"); }

std::string error_of(const std::string& line) {
  try {
    request_of(line);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(SftLayout, LlavaPicturesGoWhereTheTextNamesThem) {
  const Json request = request_of(R"({"image":"a.png","conversations":[{"from":"human","value":"<image>\nHow many?"},
                                      {"from":"gpt","value":"Two."}]})");
  EXPECT_EQ(dump_json(request["messages"]), R"([{"role":"user","content":[{"type":"image","path":"a.png"},)"
                                            R"({"type":"text","text":"<image>\nHow many?"}]},)"
                                            R"({"role":"assistant","content":"Two."}])");
}

TEST(SftLayout, ShareGptKeepsItsSystemTextAndTurns) {
  const Json request = request_of(R"({"system":"Be brief.","conversations":[{"from":"human","value":"Hi"},
                                      {"from":"gpt","value":"Hello"},{"from":"human","value":"Bye"},
                                      {"from":"gpt","value":"Ciao"}]})");
  ASSERT_EQ(request["messages"].size(), 5);
  EXPECT_EQ(request["messages"][0]["role"], "system");
  EXPECT_EQ(request["messages"][3]["content"], "Bye");
}

TEST(SftLayout, PicturesWithoutMarkersGoToTheFirstQuestion) {
  const Json request = request_of(R"({"messages":[{"role":"system","content":"S"},{"role":"user","content":"Q"},
                                      {"role":"assistant","content":"A"}],"images":["a.png","b.png"]})");
  const Json& content = request["messages"][1]["content"];
  ASSERT_EQ(content.size(), 3);
  EXPECT_EQ(content[1]["path"], "b.png");
  EXPECT_EQ(content[2]["text"], "Q");
}

TEST(SftLayout, PicturesOfLaterTurnsStayThere) {
  const Json request = request_of(R"({"images":["a.png","b.png"],"messages":[{"role":"user","content":"one <image>"},
                                      {"role":"assistant","content":"A"},{"role":"user","content":"<image> two"},
                                      {"role":"assistant","content":"B"}]})");
  EXPECT_EQ(request["messages"][0]["content"][0]["path"], "a.png");
  EXPECT_EQ(request["messages"][2]["content"][0]["path"], "b.png");
}

TEST(SftLayout, ErrorsNameFileLineAndKey) {
  EXPECT_EQ(error_of("[1]"), "train.jsonl line 7: found array, expected an object");
  EXPECT_NE(error_of(R"({"text":"x"})").find("neither \"messages\""), std::string::npos);
  EXPECT_NE(
      error_of(R"({"conversations":[{"from":"robot","value":"x"}]})").find("conversations[0]: \"from\" is \"robot\""),
      std::string::npos);
  EXPECT_NE(error_of(R"({"messages":[{"role":"user","content":"<image> and <image>"}],"images":["a.png"]})")
                .find("1 pictures but 2 <image> markers"),
            std::string::npos);
  EXPECT_NE(error_of(R"({"messages":[{"role":"user","content":"x"}],"images":[3]})").find("\"images\" holds number"),
            std::string::npos);
  EXPECT_NE(error_of(R"({"messages":[{"role":7,"content":"x"}],"images":["a.png"]})").find("no user message"),
            std::string::npos);
}

}  // namespace
}  // namespace r1v

// Every form of a preference line, and what is said about broken ones.
#include "data/preference_line.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace r1v {
namespace {

PreferenceLine parse(const std::string& text) {
  return parse_preference_line(parse_json(text, "test"), "p.jsonl line 3");
}

std::string error_of(const std::string& text) {
  try {
    parse(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(PreferenceLine, OwnFormPlacesPicturesAndKeepsWhatIsSaid) {
  const PreferenceLine line = parse(
      R"({"messages": [{"role": "user", "content": "<image>\nHow many?"}], "images": ["a.png"], "chosen": "\\boxed{2}",
          "rejected": "\\boxed{3}", "margin": 0.5, "source": "gym/wrong", "answer": "2", "kind": "number"})");
  EXPECT_EQ(line.chosen, "\\boxed{2}");
  EXPECT_EQ(line.rejected, "\\boxed{3}");
  EXPECT_EQ(line.margin, 0.5);
  EXPECT_EQ(line.source, "gym/wrong");
  EXPECT_EQ(line.answer, "2");
  EXPECT_EQ(line.kind, "number");
  const Json& parts = line.request["messages"][0]["content"];
  EXPECT_EQ(parts[0], (Json{{"type", "image"}, {"path", "a.png"}}));
  EXPECT_EQ(parts[1]["text"], "<image>\nHow many?");
}

TEST(PreferenceLine, TheAnswerIsPutBehindTheQuestion) {
  const PreferenceLine line =
      parse(R"({"messages": [{"role": "user", "content": "2+2?"}], "chosen": "4", "rejected": "5"})");
  const Json request = answered_request(line, line.rejected);
  EXPECT_EQ(request["messages"].size(), 2u);
  EXPECT_EQ(request["messages"][1], (Json{{"role", "assistant"}, {"content", "5"}}));
  EXPECT_EQ(request["add_generation_prompt"], false);
  EXPECT_EQ(line.request["messages"].size(), 1u);
}

TEST(PreferenceLine, FormsOfTrlGiveTheSame) {
  const Json expected = Json::array({Json{{"role", "user"}, {"content", "2+2?"}}});
  for (const char* text :
       {R"({"prompt": "2+2?", "chosen": "4", "rejected": "5"})",
        R"({"prompt": [{"role": "user", "content": "2+2?"}], "chosen": [{"role": "assistant", "content": "4"}],
            "rejected": [{"role": "assistant", "content": "5"}]})",
        R"({"prompt": "2+2?", "chosen": [{"role": "assistant", "content": [{"type": "text", "text": "4"}]}],
            "rejected": "5"})",
        R"({"chosen": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}],
            "rejected": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "5"}]})"}) {
    const PreferenceLine line = parse(text);
    EXPECT_EQ(line.request["messages"], expected) << text;
    EXPECT_EQ(line.chosen + line.rejected, "45") << text;
    EXPECT_FALSE(line.margin.has_value());
  }
}

TEST(PreferenceLine, LlavaQuestionsAreRead) {
  const PreferenceLine line = parse(
      R"({"image": "a.png", "conversations": [{"from": "human", "value": "<image>What?"}], "chosen": "a", "rejected": "b"})");
  EXPECT_EQ(line.request["messages"][0]["content"][0]["path"], "a.png");
}

TEST(PreferenceLine, BrokenLinesNamePlaceAndKey) {
  const std::string question = R"("messages": [{"role": "user", "content": "q"}])";
  for (const auto& [text, needle] : std::vector<std::pair<std::string, std::string>>{
           {"[]", "expected an object"},
           {"{" + question + R"(, "rejected": "b"})", "chosen"},
           {"{" + question + R"(, "chosen": "a", "rejected": 3})", "\"rejected\" is number"},
           {"{" + question + R"(, "chosen": " ", "rejected": "b"})", "\"chosen\" is empty"},
           {"{" + question + R"(, "chosen": "a", "rejected": "b", "margin": "x"})", "margin"},
           {R"({"chosen": "a", "rejected": "b"})", "no question"},
           {R"({"prompt": 7, "chosen": "a", "rejected": "b"})", "\"prompt\" is number"},
           {R"({"messages": [], "chosen": "a", "rejected": "b"})", "expected a question"},
           {R"({"messages": [{"role": "assistant", "content": "q"}], "chosen": "a", "rejected": "b"})", "last message"},
           {R"({"prompt": "q", "chosen": [{"role": "user", "content": "q"}], "rejected": "b"})",
            "\"chosen\" does not end"},
           {R"({"chosen": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "4"}],
                "rejected": [{"role": "user", "content": "p"}, {"role": "assistant", "content": "5"}]})",
            "different questions"}}) {
    EXPECT_NE(error_of(text).find("p.jsonl line 3"), std::string::npos) << text << ": " << error_of(text);
    EXPECT_NE(error_of(text).find(needle), std::string::npos) << text << ": " << error_of(text);
  }
}

}  // namespace
}  // namespace r1v

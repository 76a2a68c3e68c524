#include "prompt/conversation.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.h"
#include "prompt/data_url.h"

namespace r1v {
namespace {

const std::string kGolden = std::string(R1V_SOURCE_DIR) + "/tests/golden/sft";

std::string error_of(const std::string& request, const PictureAccess& access = {}) {
  try {
    parse_conversation(parse_json(request, "test"), access, "line 3");
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Conversation, KeepsRolesPartsAndOtherKeys) {
  const Conversation conversation = parse_conversation(parse_json(R"({"messages": [
      {"role": "system", "content": "Be brief."},
      {"role": "user", "name": "Ada",
       "content": [{"type": "text", "text": "Look: "}, {"type": "image", "path": "0.png"}]},
      {"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "f"}}]},
      {"role": "assistant", "tool_calls": []}],
      "add_generation_prompt": false, "tools": [{"name": "f"}], "template_kwargs": {"x": 1}})",
                                                                  "test"),
                                                       {.root = kGolden}, "test");
  ASSERT_EQ(conversation.messages.size(), 4u);
  EXPECT_EQ(conversation.messages[0].parts[0].text, "Be brief.");
  EXPECT_FALSE(conversation.messages[0].content_was_list);
  EXPECT_TRUE(conversation.messages[1].content_was_list);
  EXPECT_EQ(conversation.messages[1].parts[1].kind, Part::Kind::picture);
  EXPECT_EQ(conversation.messages[1].extra.at("name"), "Ada");
  EXPECT_TRUE(conversation.messages[2].content_was_null);
  EXPECT_TRUE(conversation.messages[3].content_was_null);
  EXPECT_EQ(conversation.messages[2].extra.at("tool_calls").size(), 1u);
  ASSERT_EQ(conversation.pictures.size(), 1u);
  EXPECT_EQ(conversation.pictures[0].width, 28);
  EXPECT_EQ(conversation.picture_names[0], "0.png");
  EXPECT_FALSE(conversation.add_generation_prompt);
  EXPECT_EQ(conversation.tools.size(), 1u);
  EXPECT_EQ(conversation.template_kwargs.at("x"), 1);
}

TEST(Conversation, ErrorsNameTheMessageAndTheKey) {
  EXPECT_EQ(error_of(R"({})"), "line 3: key \"messages\" is missing");
  EXPECT_NE(error_of(R"({"messages": []})").find("\"messages\" is empty"), std::string::npos);
  EXPECT_EQ(error_of(R"({"messages": [{"role": "user", "content": "a"}, {"role": "narrator", "content": "b"}]})"),
            "line 3: messages[1]: \"role\" is \"narrator\", expected system, user, assistant or tool");
  EXPECT_EQ(error_of(R"({"messages": [{"role": "user", "content": null}]})"),
            "line 3: messages[0]: \"content\" is null, expected a string or a list of parts");
  EXPECT_EQ(error_of(R"({"messages": [{"role": "assistant"}]})"), "line 3: messages[0]: key \"content\" is missing");
  EXPECT_EQ(error_of(R"({"messages": [{"role": "user", "content": [{"type": "sound"}]}]})"),
            "line 3: messages[0].content[0]: \"type\" is \"sound\", expected text, image or image_url");
  EXPECT_EQ(error_of(R"({"messages": [{"role": "user", "content": [{"type": "image"}]}]})"),
            "line 3: messages[0].content[0]: key \"path\" is missing");
  EXPECT_NE(error_of(R"({"messages": [{"role": "system", "content": [{"type": "image", "path": "x"}]}]})")
                .find("only the user shows pictures"),
            std::string::npos);
  EXPECT_NE(error_of(R"({"messages": [{"role": "user", "content": "a"}], "tools": {}})").find("\"tools\" is object"),
            std::string::npos);
  EXPECT_NE(error_of(R"({"messages": [{"role": "user", "content": "a"}], "template_kwargs": {"messages": []}})")
                .find("\"template_kwargs\" holds \"messages\""),
            std::string::npos);
}

TEST(Conversation, NothingIsFetchedOrReadFromOutside) {
  const auto with_url = [](const std::string& url) {
    return R"({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": ")" + url +
           R"("}}]}]})";
  };
  for (const char* url :
       {"http://127.0.0.1/x.png", "https://example.org/x.png", "file:///etc/passwd", " data:image/png;base64,AAAA"}) {
    EXPECT_NE(error_of(with_url(url)).find("not fetched"), std::string::npos) << url;
  }
  const PictureAccess inside{.root = kGolden + "/..", .restrict_to_root = true};
  const std::string outside =
      R"({"messages": [{"role": "user", "content": [{"type": "image", "path": "../../README.md"}]}]})";
  EXPECT_NE(error_of(outside, inside), "no error");
}

TEST(DataUrl, DecodesStandardBase64) {
  EXPECT_EQ(decode_data_url("data:image/png;base64,TWFu", "x"), "Man");  // the example of RFC 4648's predecessors
  EXPECT_EQ(decode_data_url("data:image/png;base64,TWE=", "x"), "Ma");
  EXPECT_EQ(decode_data_url("data:image/jpeg;base64,TQ==", "x"), "M");
  EXPECT_EQ(decode_data_url("data:image/png;base64,/+8=", "x"), "\xFF\xEF");
}

TEST(DataUrl, RefusesWhatIsNotExactlyRight) {
  for (const char* url :
       {"data:image/png;base64,", "data:image/png;base64,TWF", "data:image/png;base64,TW=u",
        "data:image/png;base64,T===", "data:image/png;base64,TW-_", "data:image/png;base64,TW u", "data:image/png,TWFu",
        "data:text/plain;base64,TWFu", "xdata:image/png;base64,TWFu", "data:image/png;base64"}) {
    EXPECT_THROW(decode_data_url(url, "x"), InputError) << url;
  }
}

}  // namespace
}  // namespace r1v

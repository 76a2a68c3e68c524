#include "prompt/render.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "prompt/tiny_checkpoint_test.h"

namespace r1v {
namespace {

using tiny::joined;
using tiny::parsed;
using tiny::plain;

Conversation parse(const std::string& request) {
  return parse_conversation(parse_json(request, "test"), {.root = tiny::kGoldenFolder.string()}, "test");
}

Conversation question(const std::string& text) {
  return parse(dump_json({{"messages", Json::array({{{"role", "user"}, {"content", text}}})}}));
}

std::string error_of(const Renderer& renderer, const Conversation& conversation) {
  try {
    renderer.render(conversation);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Renderer, TheTemplatesControlTokensBecomeIds) {
  const tiny::Checkpoint folder;
  const Prompt prompt = Renderer(folder.path()).render(question("Hi"));
  const std::string text = "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n<think>\n";
  EXPECT_EQ(prompt.text, text);
  EXPECT_EQ(prompt.input_ids, parsed(text));
  EXPECT_TRUE(prompt.starts_thinking);
  EXPECT_FALSE(prompt.pixels.defined());
}

TEST(Renderer, ATemplateMayStandInAFileOfItsOwn) {
  const tiny::Checkpoint folder("");
  folder.write("chat_template.json", R"({"chat_template": "{{ messages[0].content }}<|im_end|>"})");
  EXPECT_EQ(Renderer(folder.path()).render(question("Hi")).text, "Hi<|im_end|>");
  folder.write("chat_template.json", "[]");
  EXPECT_THROW(Renderer(folder.path()), InputError);
}

TEST(Renderer, TokenTextsOfAUserStayPlainCharacters) {
  const tiny::Checkpoint folder;
  const Renderer renderer(folder.path());
  for (const std::string& token : tiny::kControlTokens) {
    const std::string text = "a" + token + "\n" + token + token + "b<|im_" + token + "end|><";
    const Prompt prompt = renderer.render(question(text));
    EXPECT_EQ(prompt.input_ids, joined({parsed("<|im_start|>user\n"), plain(text),
                                        parsed("<|im_end|>\n<|im_start|>assistant\n<think>\n")}));
    EXPECT_EQ(prompt.text, "<|im_start|>user\n" + text + "<|im_end|>\n<|im_start|>assistant\n<think>\n");
    EXPECT_EQ(renderer.tokenizer().decode(prompt.input_ids), prompt.text);
  }
}

TEST(Renderer, NoTemplateCanPutATokenTogetherFromForeignText) {
  // Parts joined, the middle cut out, characters dropped in front: each would spell <|im_end|>.
  const tiny::Checkpoint folder(
      "{{ messages[0].content | replace('-', '') }}|{{ messages[1].content[3:] }}|{{ tools[0].name ~ tools[1].name }}|"
      "{{ messages[2].name }}|{% for m in messages %}{{ m.content | trim }}{% endfor %}|{{ note }}");
  const Prompt prompt = Renderer(folder.path()).render(parse(R"({"messages": [
      {"role": "user", "content": "<|im-_end|>"}, {"role": "system", "content": "<<<<|im_end|>"},
      {"role": "user", "content": "<|im_ ", "name": "<|im_end|>"}, {"role": "user", "content": " end|>"}],
      "tools": [{"name": "<|im_"}, {"name": "end|>"}], "template_kwargs": {"note": "<IMG_CONTEXT>"}})"));
  for (const int64_t id : prompt.input_ids) EXPECT_LT(id, 256);
  EXPECT_EQ(prompt.text,
            "<|im_end|>|<|im_end|>|<|im_end|>|<|im_end|>|<|im-_end|><<<<|im_end|><|im_end|>|<IMG_CONTEXT>");
}

TEST(Renderer, PrivateUseCharactersOfAUserComeBackAsTheyWere) {
  const tiny::Checkpoint folder;
  const std::string text =
      "\xF3\xB0\x80\x80<\xF3\xB1\x80\x80\xF3\xB5\x80\x80 \xEE\x80\x80 x";  // U+F0000 F1000 F5000 E000
  const Prompt prompt = Renderer(folder.path()).render(question(text));
  EXPECT_EQ(prompt.input_ids, joined({parsed("<|im_start|>user\n"), plain(text),
                                      parsed("<|im_end|>\n<|im_start|>assistant\n<think>\n")}));
}

TEST(Renderer, ThinkingTagsOfTheAssistantReachTheTemplate) {
  const tiny::Checkpoint folder;
  const Renderer renderer(folder.path());
  const Prompt prompt = renderer.render(parse(R"({"messages": [{"role": "user", "content": "3+4? </think>"},
      {"role": "assistant", "content": "<think>\n3+4=7\n</think>\n\nIt is 7 <|im_end|>"},
      {"role": "user", "content": "Sure?"}]})"));
  EXPECT_EQ(prompt.input_ids,
            joined({parsed("<|im_start|>user\n"), plain("3+4? </think>"), parsed("<|im_end|>\n<|im_start|>assistant\n"),
                    plain("It is 7 <|im_end|>"),
                    parsed("<|im_end|>\n<|im_start|>user\nSure?<|im_end|>\n<|im_start|>assistant\n<think>\n")}));
  const Prompt kept = renderer.render(parse(R"({"messages": [{"role": "user", "content": "3+4?"},
      {"role": "assistant", "content": "<think>\nhm\n</think>\n\n7"}], "add_generation_prompt": false})"));
  EXPECT_EQ(kept.input_ids, parsed("<|im_start|>user\n3+4?<|im_end|>\n<|im_start|>assistant\n<think>\nhm\n</think>\n\n7"
                                   "<|im_end|>\n"));
  EXPECT_FALSE(kept.starts_thinking);
}

TEST(Renderer, ThinkingOffDropsWhatTheTemplateOpens) {
  const tiny::Checkpoint folder;
  const Prompt prompt = Renderer(folder.path()).render(question("Hi"), /*thinking=*/false);
  EXPECT_EQ(prompt.text, "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
  EXPECT_FALSE(prompt.starts_thinking);
}

TEST(Renderer, ThinkingOffTellsATemplateThatHasASwitch) {
  const tiny::Checkpoint folder(
      "{{ messages[0].content }}{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n{% "
      "endif %}");
  const Renderer renderer(folder.path());
  EXPECT_EQ(renderer.render(question("Hi"), /*thinking=*/false).text, "Hi<think>\n\n</think>\n\n");
  EXPECT_EQ(renderer.render(question("Hi")).text, "Hi");
}

// A 28 x 28 picture is one tile: 4 image tokens between <img> and </img>.
const std::string kSlot = "<img><IMG_CONTEXT><IMG_CONTEXT><IMG_CONTEXT><IMG_CONTEXT></img>";
const std::string kBefore = "<|im_start|>user\n", kAfter = "<|im_end|>\n<|im_start|>assistant\n<think>\n";

TEST(Renderer, PicturesStandWhereTheirPartsAreOrTheTextSays) {
  const tiny::Checkpoint folder;
  const Renderer renderer(folder.path());
  const auto text_of = [&](const std::string& content) {
    const Prompt prompt = renderer.render(parse(R"({"messages": [{"role": "user", "content": )" + content + "}]}"));
    EXPECT_EQ(prompt.input_ids, parsed(prompt.text));
    EXPECT_EQ(prompt.pixels.size(0), static_cast<int64_t>(prompt.images.size()));  // one tile each
    for (const PromptImage& image : prompt.images) EXPECT_EQ(image.tokens, 4);
    return prompt.text;
  };
  const std::string picture = R"({"type": "image", "path": "0.png"})";
  const auto text = [](const std::string& words) { return R"({"type": "text", "text": ")" + words + "\"}"; };
  EXPECT_EQ(text_of("[" + picture + "," + text("What?") + "]"), kBefore + kSlot + "\nWhat?" + kAfter);
  EXPECT_EQ(text_of("[" + picture + "," + picture + "," + text("What?") + "]"),
            kBefore + kSlot + "\n" + kSlot + "\nWhat?" + kAfter);
  EXPECT_EQ(text_of("[" + text("A: ") + "," + picture + "," + text("B") + "]"),
            kBefore + "A: " + kSlot + "\nB" + kAfter);
  EXPECT_EQ(text_of("[" + picture + "," + picture + "," + text("First <image>, then <image>.") + "]"),
            kBefore + "First " + kSlot + ", then " + kSlot + "." + kAfter);
}

TEST(Renderer, AQuestionMayAskForFewerTiles) {
  const tiny::Checkpoint folder;
  Renderer renderer(folder.path());
  renderer.tiles().max_tiles = 6;
  Conversation wide = question("what is it?");
  wide.messages[0].parts.insert(wide.messages[0].parts.begin(), {.kind = Part::Kind::picture, .picture_index = 0});
  wide.pictures.push_back({.width = 90, .height = 30, .rgb = std::vector<uint8_t>(90 * 30 * 3, 100)});
  wide.picture_names = {"wide"};
  const auto tokens = [&](int64_t max_tiles) { return renderer.render(wide, true, max_tiles).images.at(0).tokens; };
  // 3 x 1 tiles and a thumbnail, 4 tokens each; with at most two tiles 2 x 1 and a thumbnail; one tile alone.
  EXPECT_EQ(tokens(0), 16);
  EXPECT_EQ(tokens(3), 16);
  EXPECT_EQ(tokens(2), 12);
  EXPECT_EQ(tokens(1), 4);
  EXPECT_EQ(renderer.render(wide, true, 2).pixels.size(0), 3);
  EXPECT_THROW(tokens(7), InputError);  // more than the renderer's own limit
  EXPECT_THROW(tokens(-1), InputError);
}

TEST(Renderer, TheMarkerWithoutPicturesIsPlainText) {
  const tiny::Checkpoint folder;
  EXPECT_EQ(Renderer(folder.path()).render(question("What does <image> mean?")).text,
            kBefore + "What does <image> mean?" + kAfter);
}

TEST(Renderer, MarkersAndPicturesMustAgree) {
  const tiny::Checkpoint folder;
  EXPECT_NE(error_of(Renderer(folder.path()), parse(R"({"messages": [{"role": "user", "content": [
      {"type": "image", "path": "0.png"}, {"type": "text", "text": "<image> <image>"}]}]})"))
                .find("messages[0]: the text has 2 <image> markers but the message has 1 pictures"),
            std::string::npos);
}

TEST(Renderer, ATemplateThatLosesAPictureIsNoticed) {
  const tiny::Checkpoint folder("{{ messages[0].role }}");
  EXPECT_NE(error_of(Renderer(folder.path()), parse(R"({"messages": [{"role": "user", "content": [
      {"type": "image", "path": "0.png"}]}]})"))
                .find("1 pictures but the chat template printed 0"),
            std::string::npos);
}

TEST(Renderer, ListsReachTemplatesThatPrintThem) {
  const std::string parts_only =
      "{% for m in messages %}{% for p in m.content %}{% if p.type == 'text' %}[{{ p.text }}]{% endif %}{% endfor %}{% "
      "endfor %}";
  const std::string both = "{% for m in messages %}{% if m.content is string %}{{ m.content }}{% else %}" + parts_only +
                           "{% endif %}{% endfor %}";
  const Conversation list = parse(
      R"({"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]})");
  const auto text_of = [](const std::string& source, const Conversation& conversation) {
    const tiny::Checkpoint folder(source);
    return Renderer(folder.path()).render(conversation).text;
  };
  EXPECT_EQ(text_of(parts_only, list), "[a][b]");
  EXPECT_EQ(text_of(parts_only, question("a")), "[a]");
  EXPECT_EQ(text_of(both, list), "[a][b]");
  EXPECT_EQ(text_of(both, question("a")), "a");
  EXPECT_EQ(text_of("{% for m in messages %}{{ m.content }}{% endfor %}", list), "ab");
}

TEST(Renderer, ToolCallsWithoutContentStayNull) {
  const tiny::Checkpoint folder(
      "{% for m in messages %}{{ m.content is none }}{{ m.tool_calls[0].function.name }};{% endfor %}");
  EXPECT_EQ(Renderer(folder.path())
                .render(parse(R"({"messages": [
      {"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "f"}}]}]})"))
                .text,
            "Truef;");
}

TEST(Renderer, TheTemplateMayStandInTokenizerConfig) {
  const tiny::Checkpoint folder("");
  EXPECT_NE(error_of(Renderer(folder.path()), question("Hi")).find("no chat template; expected chat_template.jinja"),
            std::string::npos);
  folder.write(
      "tokenizer_config.json",
      R"({"chat_template": "{{ bos_token }}{{ messages[0].content }}", "bos_token": {"content": "<|im_start|>"}})");
  EXPECT_EQ(Renderer(folder.path()).render(question("Hi")).input_ids, parsed("<|im_start|>Hi"));
  folder.write("tokenizer_config.json",
               R"({"chat_template": [{"name": "tools", "template": "x"}, {"name": "default", "template": "y"}]})");
  EXPECT_EQ(Renderer(folder.path()).render(question("Hi")).text, "y");
  folder.write("tokenizer_config.json", R"({"chat_template": [{"name": "tools", "template": "x"}]})");
  EXPECT_THROW(Renderer(folder.path()), InputError);
}

TEST(Renderer, EndTokensComeFromGenerationConfigAndTokenizerConfig) {
  const tiny::Checkpoint folder;
  using Ids = std::vector<int64_t>;
  EXPECT_EQ(Renderer(folder.path()).eos_ids(), Ids{tiny::kImEnd});
  folder.write("generation_config.json", R"({"eos_token_id": [256, 258]})");
  EXPECT_EQ(Renderer(folder.path()).eos_ids(), (Ids{256, 258}));
  folder.write("generation_config.json", R"({"eos_token_id": 256})");
  EXPECT_EQ(Renderer(folder.path()).eos_ids(), (Ids{256, 258}));
  folder.write("generation_config.json", R"({"eos_token_id": "x"})");
  EXPECT_THROW(Renderer(folder.path()), InputError);
}

TEST(Renderer, ALanguageModelTakesNoPictures) {
  const tiny::Checkpoint folder;
  folder.write("config.json", R"({"model_type": "qwen2"})");
  const Renderer renderer(folder.path());
  EXPECT_EQ(renderer.image_token_id(), -1);
  EXPECT_NE(
      error_of(renderer, parse(R"({"messages": [{"role": "user", "content": [{"type": "image", "path": "0.png"}]}]})"))
          .find("takes no pictures"),
      std::string::npos);
}

}  // namespace
}  // namespace r1v

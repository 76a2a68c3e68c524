#include "prompt/supervised.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "prompt/tiny_checkpoint_test.h"

namespace r1v {
namespace {

using Ids = std::vector<int64_t>;

/// Expected pieces in turn: not scored, scored, not scored, ...
struct Expected {
  Ids ids, labels;
  explicit Expected(const std::vector<std::string>& pieces) {
    for (size_t i = 0; i < pieces.size(); ++i) {
      for (const int64_t id : tiny::parsed(pieces[i])) {
        ids.push_back(id);
        labels.push_back(i % 2 == 1 ? id : kIgnoredLabel);
      }
    }
  }
};

SupervisedPrompt supervised(const Json& messages, const std::string& chat_template = tiny::kThinkingTemplate) {
  const tiny::Checkpoint folder(chat_template);
  const Renderer renderer(folder.path());
  const PictureAccess access{.root = tiny::kGoldenFolder.string()};
  return supervise(renderer, parse_conversation({{"messages", messages}}, access, "test"));
}

Json turn(const char* role, const Json& content) { return {{"role", role}, {"content", content}}; }

void expect(const SupervisedPrompt& prompt, const std::vector<std::string>& pieces) {
  const Expected expected(pieces);
  EXPECT_EQ(prompt.input_ids, expected.ids);
  EXPECT_EQ(prompt.labels, expected.labels);
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  EXPECT_EQ(prompt.text, text);
}

TEST(Supervise, ScoresTheAnswerAndItsEndToken) {
  expect(
      supervised({turn("user", "3+4?"), turn("assistant", "<think>\n3+4=7\n</think>\n\n7")}),
      {"<|im_start|>user\n3+4?<|im_end|>\n<|im_start|>assistant\n<think>\n", "3+4=7\n</think>\n\n7<|im_end|>", "\n"});
}

TEST(LastAnswer, IsTheLastRunOfScoredTokens) {
  const auto span = [](const Ids& labels) {
    const AnswerSpan found = last_answer(labels);
    return std::pair(found.begin, found.end);
  };
  constexpr int64_t kNo = kIgnoredLabel;
  EXPECT_EQ(span({kNo, 5, 6, kNo}), std::pair(size_t{1}, size_t{3}));
  EXPECT_EQ(span({kNo, 5, 6, kNo, 7}), std::pair(size_t{4}, size_t{5}));  // an earlier turn is left alone
  EXPECT_EQ(span({5, 6}), std::pair(size_t{0}, size_t{2}));
  EXPECT_EQ(span({kNo, kNo}), std::pair(size_t{0}, size_t{0}));
  EXPECT_EQ(span({}), std::pair(size_t{0}, size_t{0}));
}

TEST(Supervise, AThoughtThatTheContentLeavesOpenedByTheTemplateIsTheSame) {
  expect(
      supervised({turn("user", "3+4?"), turn("assistant", "3+4=7\n</think>\n\n7")}),
      {"<|im_start|>user\n3+4?<|im_end|>\n<|im_start|>assistant\n<think>\n", "3+4=7\n</think>\n\n7<|im_end|>", "\n"});
}

TEST(Supervise, ReasoningContentBecomesTheThought) {
  for (const char* key : {"reasoning_content", "reasoning", "thinking"}) {
    Json answer = turn("assistant", "7");
    answer[key] = "3+4=7";
    expect(supervised({turn("user", "3+4?"), answer}),
           {"<|im_start|>user\n3+4?<|im_end|>\n<|im_start|>assistant\n<think>\n",
            "3+4=7\n</think>\n\n7<|im_end|>", "\n"});
  }
}

TEST(Supervise, AnAnswerWithoutThoughtsFollowsThePromptWithoutThink) {
  expect(supervised({turn("user", "3+4?"), turn("assistant", "7")}),
         {"<|im_start|>user\n3+4?<|im_end|>\n<|im_start|>assistant\n", "7<|im_end|>", "\n"});
}

TEST(Supervise, EveryTurnIsScoredWithItsThoughts) {
  expect(supervised({turn("system", "Be brief."), turn("user", "3+4?"), turn("assistant", "<think>\n7!\n</think>\n\n7"),
                     turn("user", "Sure?"), turn("assistant", "<think>\nYes.\n</think>\n\nYes")}),
         {"<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n3+4?<|im_end|>\n<|im_start|>assistant\n<think>\n",
          "7!\n</think>\n\n7<|im_end|>", "\n<|im_start|>user\nSure?<|im_end|>\n<|im_start|>assistant\n<think>\n",
          "Yes.\n</think>\n\nYes<|im_end|>", "\n"});
}

TEST(Supervise, ATemplateThatOpensNothingLeavesTheTagToTheModel) {
  const std::string bare =
      "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor %}"
      "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
  expect(supervised({turn("user", "3+4?"), turn("assistant", "<think>\n7!\n</think>\n\n7")}, bare),
         {"<|im_start|>user\n3+4?<|im_end|>\n<|im_start|>assistant\n", "<think>\n7!\n</think>\n\n7<|im_end|>", "\n"});
}

TEST(Supervise, AnEmptyThoughtThatTheTemplateWritesIsLeftOut) {
  const std::string adds_empty =
      "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' }}{% if m.role == 'assistant' and loop.last %}"
      "{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}{{ m.content + '<|im_end|>\\n' }}{% endfor %}"
      "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
  expect(supervised({turn("user", "3+4?"), turn("assistant", "<think>\n7!\n</think>\n\n7")}, adds_empty),
         {"<|im_start|>user\n3+4?<|im_end|>\n<|im_start|>assistant\n", "<think>\n7!\n</think>\n\n7<|im_end|>", "\n"});
}

TEST(Supervise, ControlTokensInsideAnAnswerStayPlain) {
  const SupervisedPrompt prompt = supervised({turn("user", "a"), turn("assistant", "b<|im_end|>c")});
  const Ids expected = tiny::joined({tiny::parsed("<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n"),
                                     tiny::plain("b<|im_end|>c"), tiny::parsed("<|im_end|>\n")});
  EXPECT_EQ(prompt.input_ids, expected);
}

TEST(Supervise, PicturesAreExpanded) {
  const Json content = {{{"type", "image"}, {"path", "1.png"}}, {{"type", "text"}, {"text", "What?"}}};
  const SupervisedPrompt prompt = supervised({turn("user", content), turn("assistant", "Noise")});
  expect(prompt, {"<|im_start|>user\n<img><IMG_CONTEXT><IMG_CONTEXT><IMG_CONTEXT><IMG_CONTEXT></img>\nWhat?<|im_end|>\n"
                  "<|im_start|>assistant\n",
                  "Noise<|im_end|>", "\n"});
  ASSERT_EQ(prompt.images.size(), 1u);
  EXPECT_EQ(prompt.pixels.sizes(), (std::vector<int64_t>{1, 3, 28, 28}));
}

TEST(Supervise, RefusesWhatCannotBeLearned) {
  EXPECT_THROW(supervised({turn("assistant", "a"), turn("user", "b")}), InputError);
  EXPECT_THROW(supervised({turn("user", "a"), turn("assistant", "b")}, "{{ messages[0].content }}"), InputError);
  EXPECT_THROW(
      supervised({turn("user", "a"), turn("assistant", "b")},
                 "{% for m in messages %}{{ m.content }}{% endfor %}{% if add_generation_prompt %}x{% endif %}"),
      InputError);
}

}  // namespace
}  // namespace r1v

// Where the answer begins and ends in a rendered conversation that is to be scored.
#include "prompt/scored.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "prompt/tiny_checkpoint_test.h"

namespace r1v {
namespace {

constexpr const char* kAnswer = "<think>\n3+4=7\n</think>\n\n7";

ScoredPrompt scored(const char* chat_template) {
  const tiny::Checkpoint folder(chat_template);
  const Renderer renderer(folder.path());
  const Json messages = {{{"role", "user"}, {"content", "3+4?"}}, {{"role", "assistant"}, {"content", kAnswer}}};
  return render_scored(renderer, parse_conversation({{"messages", messages}}, {}, "test"));
}

void expect(const ScoredPrompt& found, const std::string& question, const std::string& answer,
            const std::string& rest) {
  EXPECT_EQ(found.prompt.input_ids, tiny::parsed(cat(question, answer, rest)));
  EXPECT_EQ(found.shared_tokens, tiny::parsed(question).size());
  EXPECT_EQ(found.answer_end, tiny::parsed(cat(question, answer)).size());
}

TEST(Scored, TheAnswerEndsWithItsEndToken) {
  expect(scored(tiny::kThinkingTemplate), "<|im_start|>user\n3+4?<|im_end|>\n<|im_start|>assistant\n<think>\n",
         "3+4=7\n</think>\n\n7<|im_end|>", "\n");
}

TEST(Scored, AThoughtThatTheTemplateDropsIsPutInAsAModelWritesIt) {
  const ScoredPrompt found = scored(
      "{%- for message in messages %}"
      "{{- '<|im_start|>' + message.role + '\\n' + message.content.split('</think>')[-1].lstrip('\\n') + "
      "'<|im_end|>\\n' }}"
      "{%- endfor %}"
      "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n<think>\\n' }}{%- endif %}");
  expect(found, "<|im_start|>user\n3+4?<|im_end|>\n<|im_start|>assistant\n<think>\n", "3+4=7\n</think>\n\n7<|im_end|>",
         "\n");
}

TEST(Scored, WithoutAnEndTokenTheAnswerGoesToTheEnd) {
  const ScoredPrompt found = scored(
      "{%- for message in messages %}{{- message.role + ': ' + message.content + '\\n' }}{%- endfor %}"
      "{%- if add_generation_prompt %}{{- 'assistant: ' }}{%- endif %}");
  expect(found, "user: 3+4?\nassistant: ", cat(kAnswer, "\n"), "");
}

TEST(Scored, AnEndTokenInTheMiddleOfWhatFollowsIsTheEnd) {
  const ScoredPrompt found = scored(
      "{%- for message in messages %}"
      "{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{%- endfor %}"
      "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- else %}{{- 'over' }}{%- endif %}");
  expect(found, "<|im_start|>user\n3+4?<|im_end|>\n<|im_start|>assistant\n", cat(kAnswer, "<|im_end|>"), "\nover");
}

}  // namespace
}  // namespace r1v

// For tests: sequences over a tiny tokenizer, to be driven by logits that a script writes instead of a model.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/sequence.h"
#include "engine/tiny_folder_test.h"

namespace r1v::testing_folder {

inline constexpr int64_t kRows = 272;  // the model has more rows than the tokenizer has tokens

class ScriptedSequenceTest : public testing::TestWithParam<ThinkTags> {
 protected:
  explicit ScriptedSequenceTest(ThinkTags tags)
      : tokenizer_(load(tags)), vocabulary_(make_vocabulary(tokenizer_, {kImEnd, kEndOfText}, kImgContext, kRows)) {}

  std::vector<int64_t> ids(const std::string& text) const { return tokenizer_.encode(text, SpecialTokens::parse); }

  Sequence make(SamplingParams params, bool starts_thinking = false) {
    params.temperature = 0.0;
    return Sequence(vocabulary_, params, {}, starts_thinking, 0);
  }

  Tokenizer tokenizer_;
  AnswerVocabulary vocabulary_;

 private:
  static Tokenizer load(ThinkTags tags) {
    const TinyFolder folder(tags);
    return Tokenizer::load(folder.path());
  }
};

}  // namespace r1v::testing_folder

// Ids equal those of Hugging Face tokenizers; bad files are refused with a reason.
#include "text/tokenizer.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/rng.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;
using Ids = std::vector<int64_t>;

const fs::path kGolden = R1V_SOURCE_DIR "/tests/golden";

// Written by tests/golden/make_tokenizer.py: [text, ids, ids without added tokens or null].
void expect_golden_ids(const Tokenizer& tokenizer) {
  const Json cases = read_json_file(kGolden / "tokenizer_cases.json").at("encode");
  ASSERT_GE(cases.size(), 1000u);
  for (const Json& entry : cases) {
    const std::string text = entry.at(0);
    const Ids ids = entry.at(1);
    const Ids escaped = entry.at(2).is_null() ? ids : entry.at(2).get<Ids>();
    EXPECT_EQ(tokenizer.encode(text, SpecialTokens::parse), ids) << printable(text, 200);
    EXPECT_EQ(tokenizer.encode(text, SpecialTokens::escape), escaped) << printable(text, 200);
  }
}

class Folder {
 public:
  Folder() : path(fs::temp_directory_path() / ("r1v_tokenizer_test_" + std::to_string(::getpid()))) {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
  void write(const char* name, const std::string& text) const { write_file_atomic(path / name, text); }
  const fs::path path;
};

Json small_json() { return read_json_file(kGolden / "tokenizer_small.json"); }

TEST(Tokenizer, GivesTheIdsOfTheReference) { expect_golden_ids(Tokenizer::load(kGolden / "tokenizer_small.json")); }

TEST(Tokenizer, ReadsMergesInTheOlderFormAndInAnyOrder) {
  Json json = small_json();
  Json model = {{"merges", Json::array()}, {"type", "BPE"}};
  for (const Json& merge : json["model"]["merges"]) {
    model["merges"].push_back(merge[0].get<std::string>() + " " + merge[1].get<std::string>());
  }
  model["vocab"] = json["model"]["vocab"];
  json["model"] = model;
  const Folder folder;
  folder.write("tokenizer.json", json.dump(1));
  expect_golden_ids(Tokenizer::load(folder.path));
}

TEST(Tokenizer, ReadsVocabularyAndMergesFiles) {
  const Json json = small_json();
  const Folder folder;
  std::string merges = "#version: 0.2\n";
  for (const Json& merge : json["model"]["merges"]) {
    merges += merge[0].get<std::string>() + " " + merge[1].get<std::string>() + "\n";
  }
  Json decoder;
  for (const Json& token : json["added_tokens"]) decoder[std::to_string(token["id"].get<int64_t>())] = token;
  folder.write("vocab.json", json["model"]["vocab"].dump());
  folder.write("merges.txt", merges);
  EXPECT_THROW(Tokenizer::load(folder.path), InputError);  // no tokenizer_config.json: which kind is it?
  folder.write("tokenizer_config.json",
               Json({{"tokenizer_class", "Qwen2Tokenizer"}, {"added_tokens_decoder", decoder}}).dump());
  expect_golden_ids(Tokenizer::load(folder.path));
  folder.write("tokenizer_config.json", R"({"tokenizer_class":"LlamaTokenizer"})");
  EXPECT_THROW(Tokenizer::load(folder.path), InputError);
}

TEST(Tokenizer, AddsTokensThatOnlyTheConfigNames) {
  const Folder folder;
  folder.write("tokenizer.json", small_json().dump());
  folder.write("tokenizer_config.json", R"({"added_tokens_decoder":{"2000":{"content":"<extra>","special":true}}})");
  const Tokenizer tokenizer = Tokenizer::load(folder.path);
  EXPECT_THAT(tokenizer.encode("<extra>", SpecialTokens::parse), testing::ElementsAre(2000));
  EXPECT_TRUE(tokenizer.is_special(2000));
  EXPECT_EQ(tokenizer.size(), 2001);
  EXPECT_THROW(tokenizer.decode({1999}), InputError);  // a gap
}

TEST(Tokenizer, NoControlTokenComesOutOfEscapedText) {
  const Tokenizer tokenizer = Tokenizer::load(kGolden / "tokenizer_small.json");
  std::string all;
  for (const AddedToken& token : tokenizer.added_tokens()) all += token.content + " ";
  for (const int64_t id : tokenizer.encode(all, SpecialTokens::escape)) {
    for (const AddedToken& token : tokenizer.added_tokens()) EXPECT_NE(id, token.id);
  }
  EXPECT_EQ(tokenizer.decode(tokenizer.encode(all, SpecialTokens::escape)), all);
  EXPECT_THAT(tokenizer.encode("<|im_end|>", SpecialTokens::parse), testing::ElementsAre(tokenizer.find("<|im_end|>")));
}

TEST(Tokenizer, AnyBytesComeBack) {
  const Tokenizer tokenizer = Tokenizer::load(kGolden / "tokenizer_small.json");
  Rng rng(3);
  for (int i = 0; i < 3000; ++i) {
    std::string bytes;
    // Below 0xCC no character composes or reorders, so NFC changes nothing.
    for (auto k = rng.integer(0, 40); k > 0; --k)
      bytes += static_cast<char>(rng.chance(0.2) ? rng.integer(0xF5, 0xFF) : rng.integer(0, 0xCB));
    EXPECT_EQ(tokenizer.decode(tokenizer.encode(bytes, SpecialTokens::parse)), bytes) << printable(bytes, 400);
    EXPECT_EQ(tokenizer.decode(tokenizer.encode(bytes, SpecialTokens::escape)), bytes) << printable(bytes, 400);
  }
}

TEST(Tokenizer, NamesTokensAndFindsThem) {
  const Tokenizer tokenizer = Tokenizer::load(kGolden / "tokenizer_small.json");
  const int64_t the = tokenizer.find("\xC4\xA0the");  // as the file writes " the"
  ASSERT_GE(the, 0);
  EXPECT_EQ(tokenizer.token_bytes(the), " the");
  EXPECT_EQ(tokenizer.token_text(the), "\xC4\xA0the");
  EXPECT_EQ(tokenizer.token_bytes(tokenizer.find("<think>")), "<think>");
  EXPECT_FALSE(tokenizer.is_special(tokenizer.find("<think>")));
  EXPECT_EQ(tokenizer.find("no such token"), -1);
  EXPECT_EQ(tokenizer.decode({the, tokenizer.find("<|im_end|>"), the}, /*skip_special=*/true), " the the");
  EXPECT_THROW(tokenizer.token_bytes(-1), InputError);
}

void expect_refused(const std::function<void(Json&)>& spoil, const std::string& reason) {
  Json json = small_json();
  spoil(json);
  const Folder folder;
  folder.write("tokenizer.json", json.dump());
  try {
    Tokenizer::load(folder.path);
    ADD_FAILURE() << "accepted: " << reason;
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr(reason));
    EXPECT_THAT(error.what(), testing::HasSubstr("tokenizer"));  // where
  }
}

TEST(Tokenizer, RefusesBadFilesWithAReason) {
  EXPECT_THROW(Tokenizer::load(kGolden / "no such folder"), InputError);
  EXPECT_THROW(Tokenizer::load(kGolden), InputError);
  expect_refused([](Json& j) { j.erase("model"); }, "\"model\" is missing");
  expect_refused([](Json& j) { j["model"]["type"] = "Unigram"; }, "Unigram");
  expect_refused([](Json& j) { j["model"].erase("merges"); }, "without merges");
  expect_refused([](Json& j) { j["model"]["merges"].push_back({"a", "zzz"}); },
                 "\"zzz\", which is not in the vocabulary");
  expect_refused([](Json& j) { j["model"]["merges"].push_back("a b c"); }, "one space");
  expect_refused([](Json& j) { j["model"]["vocab"]["a"] = j["model"]["vocab"]["b"]; }, "share the id");
  expect_refused(
      [](Json& j) {
        j["model"]["vocab"].erase("a");
        j["model"]["merges"] = Json::array();
      },
      "no token for the byte 97");
  expect_refused([](Json& j) { j["added_tokens"][0]["id"] = 5; }, "share the id 5");
  expect_refused([](Json& j) { j["added_tokens"][1]["id"] = j["added_tokens"][0]["id"]; }, "share the id");
  expect_refused([](Json& j) { j["normalizer"] = {{"type", "Lowercase"}}; }, "Lowercase");
  expect_refused([](Json& j) { j["pre_tokenizer"] = nullptr; }, "ByteLevel");
  expect_refused([](Json& j) { j["model"]["end_of_word_suffix"] = "</w>"; }, "</w>");
}

TEST(Tokenizer, RefusesCutAndScrambledFilesWithoutCrashing) {
  const std::string text = read_file(kGolden / "tokenizer_small.json");
  const Folder folder;
  Rng rng(9);
  for (int i = 0; i < 60; ++i) {
    std::string bad = text.substr(0, static_cast<size_t>(rng.integer(0, static_cast<int64_t>(text.size()) - 2)));
    if (i % 2 == 0) {
      bad = text;
      for (int k = 0; k < 20; ++k)
        bad[static_cast<size_t>(rng.integer(0, static_cast<int64_t>(bad.size()) - 1))] =
            static_cast<char>(rng.integer(0, 255));
    }
    folder.write("tokenizer.json", bad);
    try {
      Tokenizer::load(folder.path);
    } catch (const InputError&) {
    }
  }
}

// A checkpoint of the Qwen2 or Qwen3 family is too large for the repository: R1V_TEST_TOKENIZER may name its folder.
TEST(Tokenizer, ReadsAFullVocabulary) {
  const char* path = std::getenv("R1V_TEST_TOKENIZER");
  if (path == nullptr)
    GTEST_SKIP() << "set R1V_TEST_TOKENIZER to a folder with the tokenizer.json of a Qwen2 or Qwen3 model";
  const Tokenizer tokenizer = Tokenizer::load(path);
  // llama.cpp, models/ggml-vocab-qwen2.gguf.{inp,out}, commit de3ff815.
  EXPECT_THAT(tokenizer.encode("Hello, y'all! How are you \xF0\x9F\x98\x81 ?\xE6\x88\x91\xE6\x83\xB3\xE5\x9C\xA8"
                               "apple\xE5\xB7\xA5\xE4\xBD\x9C"
                               "1314151\xE5\xA4\xA9\xEF\xBD\x9E",
                               SpecialTokens::parse),
              testing::ElementsAre(9707, 11, 379, 64848, 0, 2585, 525, 498, 26525, 223, 937, 104100, 18493, 22377,
                                   99257, 16, 18, 16, 19, 16, 20, 16, 35727, 21216));
  EXPECT_EQ(tokenizer.find("<|im_end|>"), 151645);
}

}  // namespace
}  // namespace r1v

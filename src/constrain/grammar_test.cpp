// Grammars of schemas against other implementations: jsonschema's verdicts and xgrammar's masks
// (tests/golden/make_constrain.py), the slow judge, and byte-by-byte walks.
#include "constrain/grammar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/error.h"
#include "constrain/compile_schema.h"
#include "constrain/network_grammar.h"
#include "constrain/schema_judge_testing.h"
#include "constrain/walk_testing.h"

namespace r1v {
namespace {

using ::testing::HasSubstr;

Json golden(const char* name) { return read_json_file(std::filesystem::path(R1V_SOURCE_DIR) / "tests/golden" / name); }

std::shared_ptr<const Grammar> grammar_of(const std::string& schema) {
  return grammar_of_schema(parse_json(schema, "schema"), mini_trie());
}

TEST(Grammar, WritesWhatJsonschemaAcceptsAndNothingElse) {
  for (const Json& entry : golden("constrain_verdicts.json")) {
    const auto grammar = grammar_of_schema(entry["schema"], mini_trie());
    for (const Json& text : entry["texts"]) {
      if (text[2].is_null()) continue;
      EXPECT_EQ(writes(*grammar, text[0].get<std::string>()), text[2].get<bool>()) << entry["name"] << ": " << text[0];
    }
  }
}

TEST(Grammar, WritesTheSameDocumentsInTokens) {
  for (const Json& entry : golden("constrain_verdicts.json")) {
    const auto grammar = grammar_of_schema(entry["schema"], mini_trie());
    for (const Json& text : entry["texts"]) {
      if (text[2] != true) continue;
      const auto place = grammar->begin();
      for (const int64_t id : mini_tokenizer().encode(text[0].get<std::string>(), SpecialTokens::escape)) {
        ASSERT_TRUE(has_bit(place->allowed(), id))
            << entry["name"] << ": " << text[0] << " at " << mini_trie()->bytes(id);
        place->accept(id);
      }
      EXPECT_TRUE(place->may_end()) << text[0];
    }
  }
}

// "1-3 7" -> 1 2 3 7
std::vector<int64_t> from_runs(const std::string& runs) {
  std::vector<int64_t> ids;
  std::istringstream in(runs);
  for (std::string run; in >> run;) {
    const size_t dash = run.find('-');
    const int64_t first = std::stoll(run);
    const int64_t last = dash == std::string::npos ? first : std::stoll(run.substr(dash + 1));
    for (int64_t id = first; id <= last; ++id) ids.push_back(id);
  }
  return ids;
}

TEST(Grammar, AllowsTheTokensThatXgrammarAllows) {
  for (const Json& entry : golden("constrain_masks.json")) {
    const auto grammar = grammar_of_network(compile_schema(entry["schema"], {}, Spacing::none), mini_trie());
    const auto place = grammar->begin();
    std::string text;
    for (size_t i = 0; i < entry["allowed"].size(); ++i) {
      EXPECT_EQ(ids_of(place->allowed()), from_runs(entry["allowed"][i].get<std::string>()))
          << entry["schema"] << " after " << text;
      if (i == entry["ids"].size()) break;
      place->accept(entry["ids"][i].get<int64_t>());
      text += mini_trie()->bytes(entry["ids"][i].get<int64_t>());
    }
    EXPECT_TRUE(place->may_end());
  }
}

TEST(Grammar, EveryRandomWalkEndsInAValidDocument) {
  std::mt19937 random(1);
  for (const Json& entry : golden("constrain_verdicts.json")) {
    const auto grammar = grammar_of_schema(entry["schema"], mini_trie());
    const SchemaJudge judge(entry["schema"]);
    int finished = 0;
    for (int i = 0; i < 60; ++i) {
      const Walk walk = random_walk(*grammar, *mini_trie(), random, 400);
      if (!walk.is_finished) continue;
      ++finished;
      EXPECT_TRUE(judge.is_valid(parse_json(walk.text, "walk"))) << entry["name"] << ": " << walk.text;
    }
    EXPECT_GE(finished, 20) << entry["name"];
  }
}

// The slow way: a token may come next if its bytes may, one after the other.
TEST(Grammar, AMaskIsWhatItsBytesAllow) {
  std::mt19937 random(2);
  for (const Json& entry : golden("constrain_verdicts.json")) {
    const auto grammar = grammar_of_schema(entry["schema"], mini_trie());
    const Walk walk = random_walk(*grammar, *mini_trie(), random, 40);
    const size_t length = walk.ids.empty() ? 0 : random() % walk.ids.size();
    const auto at_length = [&] {
      auto place = grammar->begin();
      for (size_t i = 0; i < length; ++i) place->accept(walk.ids[i]);
      return place;
    };
    const auto place = at_length();
    const std::vector<int64_t> allowed = ids_of(place->allowed());
    std::vector<int64_t> expected;
    for (int64_t id = 0; id < mini_trie()->num_ids(); ++id) {
      if (!mini_trie()->has(id)) continue;
      const std::string_view bytes = mini_trie()->bytes(id);
      if (take_bytes(*at_length(), *mini_trie(), bytes) == bytes.size()) expected.push_back(id);
    }
    EXPECT_EQ(allowed, expected) << entry["name"] << " after " << walk.text;
  }
}

TEST(Grammar, OfObjectsWritesAnyObjectAndNothingElse) {
  const auto grammar = grammar_of_object(mini_trie());
  for (const char* text : {"{}", "{\"a\": [1, {\"b\": null}], \"\": -0.5e+7}", "{\n  \"x\": \"\\ud83d\\ude00\"\n}"}) {
    EXPECT_TRUE(writes(*grammar, text)) << text;
  }
  for (const char* text :
       {"[]", "1", "\"x\"", "null", "", "{", "{\"a\":01}", "{\"a\":\"\\ud83d\"}", "{\"a\":\"\\ude00\"}",
        "{\"a\":\"\n\"}", "{\"a\":1,}", "{,}", "{\"a\":.5}", "{\"a\":\"\xff\"}", "{\"a\":\"\xed\xa0\x80\"}",
        "{\"a\":\"\xc0\x80\"}", "{\"a\":\"\xf4\x90\x80\x80\"}"}) {
    EXPECT_FALSE(writes(*grammar, text)) << text;
  }
  std::mt19937 random(3);
  for (int i = 0; i < 300; ++i) {
    const Walk walk = random_walk(*grammar, *mini_trie(), random, 300);
    if (!walk.is_finished) continue;
    EXPECT_TRUE(parse_json(walk.text, "walk").is_object()) << walk.text;
  }
}

TEST(Grammar, NoKeyComesTwice) {
  const auto grammar =
      grammar_of(R"({"type":"object","properties":{"id":{}},"additionalProperties":{"type":"integer"}})");
  EXPECT_TRUE(writes(*grammar, R"({"id":1,"a":1,"ab":2,"":3,"abc":4})"));
  for (const char* text : {R"({"id":1,"a":1,"a":2})", R"({"id":1,"":1,"":2})", R"({"id":1,"id":2})",
                           R"({"a":1,"id":2})", R"({"é":1,"b":1,"é":2})", R"({"\n":1,"\n":1})"}) {
    EXPECT_FALSE(writes(*grammar, text)) << text;
  }
  // Another object has its own keys.
  EXPECT_TRUE(writes(*grammar_of_object(mini_trie()), R"({"a":{"a":{"a":1},"b":2},"b":3})"));
  EXPECT_FALSE(writes(*grammar_of_object(mini_trie()), R"({"a":{"b":{"a":1},"b":2}})"));
  EXPECT_FALSE(writes(*grammar_of_object(mini_trie()), R"({"a":{"b":1},"a":3})"));
}

TEST(Grammar, WhiteSpaceIsBounded) {
  const auto grammar = grammar_of(R"({"type":"object","properties":{"a":{"type":"array"}},"required":["a"]})");
  EXPECT_TRUE(writes(*grammar, "{\n    \"a\": [\n        1,\n        2\n    ]\n}"));
  EXPECT_TRUE(writes(*grammar, "{\n\t\"a\": [ 1, 2 ]\n}"));
  for (const char* text : {"{  \"a\":[]}", "{\n\n\"a\":[]}", "{\"a\" :[]}", "{\"a\":  []}", " {\"a\":[]}",
                           "{\"a\":[]} ", "{\"a\":[1 ,2]}", "{\"a\":\n[]}"}) {
    EXPECT_FALSE(writes(*grammar, text)) << text;
  }
}

TEST(Grammar, ContainersAreNotOpenedDeeperThanAnswersMayBe) {
  const auto grammar = grammar_of_object(mini_trie());
  std::string deepest = "{\"a\":";
  for (int i = 1; i < kDeepestDocument; ++i) deepest += "[";
  const auto place = grammar->begin();
  ASSERT_EQ(take_bytes(*place, *mini_trie(), deepest), deepest.size());
  EXPECT_FALSE(has_bit(place->allowed(), byte_token(*mini_trie(), '[')));
  EXPECT_FALSE(has_bit(place->allowed(), byte_token(*mini_trie(), '{')));
  EXPECT_TRUE(has_bit(place->allowed(), byte_token(*mini_trie(), ']')));
}

TEST(Grammar, WhatMustBeNestedStillFitsAtTheDepthLimit) {
  // Each node needs two more levels, so the last one begins at level 61: {"n":{...}} with a list inside a list.
  const auto grammar = grammar_of(
      R"({"type":"object","properties":{"n":{"$ref":"#"},"l":{"type":"array","items":{"type":"array"},"minItems":1}},
          "required":["l"],"additionalProperties":false})");
  const auto place = grammar->begin();
  int depth = 0;
  while (take_bytes(*place, *mini_trie(), "{\"n\":") == 5) ++depth;
  // 61 objects are open and the last has no "n"; its list and the list in it are levels 63 and 64.
  EXPECT_EQ(depth, kDeepestDocument - 3);
  std::string rest = "l\":[[]]}";  // the quote was taken
  for (int i = 0; i < depth; ++i) rest += ",\"l\":[[]]}";
  EXPECT_EQ(take_bytes(*place, *mini_trie(), rest), rest.size());
  EXPECT_TRUE(place->may_end());
}

TEST(Grammar, ForgettingWhatWasFoundChangesNothing) {
  const Json schema = parse_json(R"({"type":"array","items":{"type":"object"}})", "schema");
  const auto keeping = grammar_of_schema(schema, mini_trie());
  const auto forgetting = grammar_of_network(compile_schema(schema, {}), mini_trie(), /*most_kept_bytes=*/1);
  std::mt19937 random(4), again(4);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(random_walk(*keeping, *mini_trie(), random, 100).text,
              random_walk(*forgetting, *mini_trie(), again, 100).text);
  }
}

TEST(Grammar, ServesManyThreads) {
  const auto grammar = grammar_of_network(compile_schema(parse_json("{}", "schema"), {}), mini_trie(), 100'000);
  const auto texts_of = [&](unsigned seed) {
    std::mt19937 random(seed);
    std::string texts;
    for (int i = 0; i < 40; ++i) texts += random_walk(*grammar, *mini_trie(), random, 60).text + "\n";
    return texts;
  };
  const std::string alone = texts_of(5);
  std::vector<std::string> together(3);
  std::vector<std::thread> threads;
  for (auto& texts : together) threads.emplace_back([&] { texts = texts_of(5); });
  for (auto& thread : threads) thread.join();
  for (const auto& texts : together) EXPECT_EQ(texts, alone);
}

TEST(Grammar, ATokenThatWasNotAllowedIsOurMistake) {
  const auto place = grammar_of(R"({"type":"boolean"})")->begin();
  EXPECT_THROW(place->accept(byte_token(*mini_trie(), 'x')), InternalError);
  EXPECT_THROW(place->accept(0), InternalError);
}

// At any place of a random walk the short way leads to an end in exactly as many tokens as it said.
TEST(Grammar, ClosesFromAnywhereInTheTokensItTells) {
  std::mt19937 random(7);
  for (const Json& entry : golden("constrain_verdicts.json")) {
    const auto grammar = grammar_of_schema(entry["schema"], mini_trie());
    for (size_t length = 0; length < 24; length += 1 + random() % 4) {
      const auto place = grammar->begin();
      std::string text;
      for (size_t i = 0; i < length; ++i) {
        const std::vector<int64_t> ids = ids_of(place->allowed());
        if (ids.empty()) break;
        const int64_t id = ids[random() % ids.size()];
        const int64_t other = ids[random() % ids.size()];
        (void)place->ends_within(3, other);  // a question changes nothing
        place->accept(id);
        text += mini_trie()->bytes(id);
      }
      const int64_t told = place->tokens_to_end();
      for (int64_t i = 0; i < told; ++i) {
        ASSERT_FALSE(place->may_end()) << entry["name"] << ": " << text;
        const int64_t id = place->closing_token();
        ASSERT_TRUE(has_bit(place->allowed(), id)) << entry["name"] << ": " << text << " + " << mini_trie()->bytes(id);
        ASSERT_TRUE(place->ends_within(told - i - 1, id));
        ASSERT_TRUE(i + 1 == told || !place->ends_within(told - i - 2, id));
        place->accept(id);
        text += mini_trie()->bytes(id);
      }
      EXPECT_TRUE(place->may_end()) << entry["name"] << ": " << text;
      EXPECT_TRUE(SchemaJudge(entry["schema"]).is_valid(parse_json(text, "text"))) << entry["name"] << ": " << text;
    }
  }
}

TEST(Grammar, TheShortWayIsShort) {
  const auto text_of = [](const std::string& schema, std::string text) {
    const auto place = grammar_of(schema)->begin();
    EXPECT_EQ(take_bytes(*place, *mini_trie(), text), text.size());
    while (!place->may_end()) {
      const int64_t id = place->closing_token();
      place->accept(id);
      text += mini_trie()->bytes(id);
    }
    return text;
  };
  const std::string list = R"({"$ref":"#/$defs/l","$defs":{"l":{"type":"object","properties":{"v":{"type":"integer"},)"
                           R"("n":{"anyOf":[{"$ref":"#/$defs/l"},{"type":"null"}]}},"required":["v","n"],)"
                           R"("additionalProperties":false}}})";
  EXPECT_EQ(parse_json(text_of(list, R"({"v":1,"n":{"v":2,"n":{"v")"), "t"),
            parse_json(R"({"v":1,"n":{"v":2,"n":{"v":0,"n":null}}})", "t"));
  EXPECT_EQ(text_of(R"({"type":"string","minLength":3})", "\"a"), "\"a  \"");
  EXPECT_EQ(text_of(R"({"type":"array","items":{"type":"boolean"},"minItems":2})", "["), "[true,true]");
  EXPECT_EQ(text_of(R"({"type":"object"})", R"({"a":1,")"), R"({"a":1,"":0})");
  EXPECT_EQ(text_of(R"({"type":"object"})", R"({"":1,"a":2,")"), R"({"":1,"a":2," ":0})");
}

}  // namespace
}  // namespace r1v

// From questions and samples to pairs.
#include "recipes/pairs_make.h"

#include <gtest/gtest.h>

#include <set>

#include "base/error.h"
#include "recipes/pairs_lines.h"
#include "recipes/pairs_testing.h"

namespace r1v {
namespace {

std::string boxed(const std::string& thinking, const std::string& answer) {
  return cat(thinking, "\n</think>\n\n\\boxed{", answer, "}");
}

Json candidates(const std::string& id, const std::vector<std::string>& texts) {
  Json line = {{"id", id}, {"text", texts.front()}, {"candidates", Json::array()}};
  for (const std::string& text : texts) line["candidates"].push_back({{"text", text}, {"finish_reason", "stop"}});
  return line;
}

TEST(PairsMake, ATextGetsTheTagThatThePromptHadOpened) {
  EXPECT_EQ(whole_answer("a\n</think>\n\nb"), "<think>\na\n</think>\n\nb");
  EXPECT_EQ(whole_answer("<think>\na\n</think>\n\nb"), "<think>\na\n</think>\n\nb");
  EXPECT_EQ(whole_answer("b"), "b");
}

TEST(PairsMake, WrongAnswersAreAsDifferentAsThereAre) {
  const std::vector<JudgedSample> samples = {{"r1", "1", true},   {"r1", "1", true},   {"r2", "1", true},
                                             {"w2a", "2", false}, {"w2b", "2", false}, {"w2c", "2", false},
                                             {"w3", "3", false}};
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto two = right_wrong_pairs(samples, 2, seed);
    ASSERT_EQ(two.size(), 2u);
    EXPECT_TRUE(two[0].rejected == "w3" || two[1].rejected == "w3");  // one pair for 2, one for 3
    const auto all = right_wrong_pairs(samples, 100, seed);
    EXPECT_EQ(all.size(), 8u);  // two different right texts, four wrong ones
    std::set<std::pair<std::string, std::string>> different;
    for (const AnswerPair& pair : all) different.insert({pair.chosen, pair.rejected});
    EXPECT_EQ(different.size(), 8u);
  }
  EXPECT_TRUE(right_wrong_pairs({{"r", "1", true}}, 4, 0).empty());
  EXPECT_TRUE(right_wrong_pairs(samples, 0, 0).empty());
}

TEST(PairsMake, ConciseMeansHalfAsLongAgain) {
  EXPECT_EQ(concise_pairs({{"12345678", "1", true}, {"12345678901", "1", true}}).size(), 0u);  // 8 and 11
  const auto pairs = concise_pairs({{"12345678", "1", true}, {"123456789012", "1", true}, {"x", "2", false}});
  ASSERT_EQ(pairs.size(), 1u);  // 8 and 12
  EXPECT_EQ(pairs[0].chosen, "12345678");
  EXPECT_EQ(pairs[0].rejected, "123456789012");
}

TEST(PairsMake, QuestionsAndSamplesBecomePairsWithTheirPictures) {
  const LinesFolder folder;
  const Json picture =
      Json::array({Json{{"type", "image"}, {"path", "pictures/a.png"}}, Json{{"type", "text"}, {"text", "How many?"}}});
  const auto questions = folder.write("q/questions.jsonl",
                                      {{{"id", "a"},
                                        {"messages", Json::array({Json{{"role", "user"}, {"content", picture}}})},
                                        {"answer", 4},
                                        {"kind", "number"}},
                                       {{"id", "b"}, {"messages", asked("2+2?")}, {"answer", "4"}, {"kind", "number"}},
                                       {{"id", "c"}, {"messages", asked("1+1?")}, {"answer", "2"}, {"kind", "number"}},
                                       {{"id", "d"}, {"messages", asked("open")}}});
  Json cut = candidates("b", {boxed("x", "4"), boxed("y", "4")});
  cut["candidates"].push_back({{"text", "endless"}, {"finish_reason", "length"}});
  const auto answers = folder.write("answers.jsonl", {candidates("a", {boxed("three", "3"), boxed("four", "4")}),
                                                      cut,
                                                      {{"id", "c"}, {"error", "too large"}},
                                                      candidates("d", {"anything"})});
  std::filesystem::create_directories(folder / "p");
  const PairsMakeCounts counts =
      make_pairs({.questions = questions, .answers = {answers}, .out = folder / "p/pairs.jsonl"});
  const std::vector<Json> pairs = folder.read("p/pairs.jsonl");
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_EQ(pairs[0]["chosen"], "<think>\nfour\n</think>\n\n\\boxed{4}");
  EXPECT_EQ(pairs[0]["rejected"], "<think>\nthree\n</think>\n\n\\boxed{3}");
  EXPECT_EQ(pairs[0]["messages"][0]["content"][0]["path"], "../q/pictures/a.png");
  EXPECT_EQ(pairs[0]["source"], "policy");
  EXPECT_EQ(counts.text(),
            "questions 4: all right 1, all wrong 0, mixed 1, unanswered 1, without answer key 1\n"
            "samples 6: right 3, wrong 1, no verdict 0, cut off 1, empty 0, malformed 0\n"
            "pairs 1: right over wrong 1, concise over long 0; bad lines left out 0");
}

JudgedSample scored(const std::string& text, double score, bool right, bool is_well_formed = true) {
  return {.text = text, .right = right, .is_well_formed = is_well_formed, .score = score};
}

TEST(PairRules, ScoresPairTheBestWithTheWorstAndTheSecondsWithEachOther) {
  // best first: a 9, b 5, c 4, d -3, and e 12 that must not be chosen
  const std::vector<JudgedSample> samples = {scored("c", 4, true), scored("d", -3, false), scored("a", 9, true),
                                             scored("e", 12, false, false), scored("b", 5, false)};
  const RewardPairs all = reward_pairs(samples, 4, {});
  ASSERT_EQ(all.pairs.size(), 2u);  // a over d (12 apart), b over c (1 apart); then the middle is passed
  EXPECT_EQ(all.pairs[0].chosen + all.pairs[0].rejected, "ad");
  EXPECT_EQ(all.pairs[0].chosen_score, 9.0);
  EXPECT_EQ(all.pairs[0].rejected_score, -3.0);
  EXPECT_EQ(all.pairs[1].chosen + all.pairs[1].rejected, "bc");
  EXPECT_EQ(reward_pairs(samples, 1, {}).pairs.size(), 1u);

  const RewardPairs far = reward_pairs(samples, 4, {.threshold = 12});
  EXPECT_EQ(far.pairs.size(), 1u);
  EXPECT_EQ(far.close, 1);
  EXPECT_EQ(reward_pairs(samples, 4, {.threshold = 12.5}).close, 2);

  const RewardPairs agreed = reward_pairs(samples, 4, {.asks_verify = true});
  EXPECT_EQ(agreed.pairs.size(), 1u);  // b is wrong
  EXPECT_EQ(agreed.disagreed, 1);

  const RewardPairs same = reward_pairs({scored("a", 1, true), scored("b", 1, false)}, 4, {});
  EXPECT_TRUE(same.pairs.empty());
  EXPECT_EQ(same.close, 1);
  EXPECT_TRUE(reward_pairs({}, 4, {}).pairs.empty());
}

TEST(PairRules, ChanceUsesEveryTextOnceAndKeepsMalformedOnesRejected) {
  std::vector<JudgedSample> samples;
  for (int i = 0; i < 6; ++i) samples.push_back(scored(std::to_string(i), 0, i % 2 == 0, i != 3));
  samples.push_back(samples.front());
  std::set<std::string> first;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto pairs = random_pairs(samples, 9, seed);
    ASSERT_EQ(pairs.size(), 3u);
    std::set<std::string> texts;
    for (const AnswerPair& pair : pairs) {
      EXPECT_NE(pair.chosen, "3");
      texts.insert({pair.chosen, pair.rejected});
    }
    EXPECT_EQ(texts.size(), 6u);
    first.insert(pairs[0].chosen + pairs[0].rejected);
  }
  EXPECT_GT(first.size(), 5u);
  EXPECT_EQ(random_pairs({scored("a", 0, true, false), scored("b", 0, true, false)}, 9, 0).size(), 0u);
}

TEST(PairRules, AMalformedAnswerIsNeverTheRightOne) {
  EXPECT_TRUE(right_wrong_pairs({scored("a", 0, true, false), scored("b", 0, false)}, 4, 0).empty());
  const auto pairs = right_wrong_pairs({scored("a", 0, true), scored("b", 0, false, false)}, 4, 0);
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_EQ(pairs[0].chosen, "a");
}

/// One question, four answers, one of them without a box; scores 3, 1, -2 and 8.
struct ScoredAnswers {
  ScoredAnswers() {
    questions =
        folder.write("q.jsonl", {{{"id", "a"}, {"messages", asked("2+2?")}, {"answer", "4"}, {"kind", "number"}}});
    Json line = candidates("a", {boxed("w", "4"), boxed("x", "5"), boxed("y", "6"), "z\n</think>\n\n4"});
    const double scores[] = {3, 1, -2, 8};
    for (size_t i = 0; i < 4; ++i) line["candidates"][i]["score"] = scores[i];
    answers = folder.write("a.jsonl", {line});
  }
  PairsMakeOptions options(const std::string& by) const {
    return {.questions = questions, .answers = {answers}, .out = folder / "o.jsonl", .by = by};
  }
  LinesFolder folder;
  std::filesystem::path questions, answers;
};

TEST(PairsMake, ByRewardTheAnswersOwnScoresDecide) {
  const ScoredAnswers all;
  PairsMakeOptions options = all.options("reward");
  options.threshold = 5;
  const PairsMakeCounts counts = make_pairs(options);
  const std::vector<Json> pairs = all.folder.read("o.jsonl");
  ASSERT_EQ(pairs.size(), 1u);  // 3 over -2; 1 over 1 is the middle
  EXPECT_EQ(pairs[0]["chosen"], "<think>\n" + boxed("w", "4"));
  EXPECT_EQ(pairs[0]["rejected"], "<think>\n" + boxed("y", "6"));
  EXPECT_EQ(pairs[0]["chosen_score"], 3.0);
  EXPECT_EQ(pairs[0]["rejected_score"], -2.0);
  EXPECT_EQ(pairs[0]["source"], "policy/reward");
  EXPECT_EQ(counts.text(),
            "questions 1: all right 0, all wrong 0, mixed 1, unanswered 0, without answer key 0\n"
            "samples 4: right 2, wrong 2, no verdict 0, cut off 0, empty 0, malformed 1\n"
            "pairs 1: best over worst 1, concise over long 0; left out: 0 not far enough apart, 0 where verify "
            "disagrees; bad lines left out 0");

  options.format = "off";  // now 8 over -2, and 3 over 1
  EXPECT_EQ(make_pairs(options).pairs, 1);
  EXPECT_EQ(all.folder.read("o.jsonl")[0]["chosen_score"], 8.0);
  options.threshold = 11;
  EXPECT_EQ(make_pairs(options).close, 2);
}

TEST(PairsMake, AScorerSpeaksInPlaceOfTheAnswers) {
  const ScoredAnswers all;
  const auto by_hand = [](const Json& line, const std::filesystem::path&, const std::string& where,
                          const std::vector<std::string>& texts) {
    EXPECT_EQ(line["id"], "a");
    EXPECT_NE(where.find("q.jsonl line 1"), std::string::npos);
    std::vector<double> scores(texts.size(), 0.0);
    scores.at(1) = 2;  // the answer 5
    return scores;
  };
  EXPECT_EQ(make_pairs(all.options("reward"), by_hand).pairs, 1);
  EXPECT_EQ(all.folder.read("o.jsonl")[0]["chosen"], "<think>\n" + boxed("x", "5"));
  EXPECT_EQ(make_pairs(all.options("rule+reward"), by_hand).disagreed, 1);
}

TEST(PairsMake, MissingScoresAndWrongRulesAreNamed) {
  const ScoredAnswers all;
  const auto refusal = [](const PairsMakeOptions& options) -> std::string {
    try {
      make_pairs(options);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  PairsMakeOptions options = all.options("reward");
  options.answers = {all.folder.write("b.jsonl", {candidates("a", {boxed("w", "4"), boxed("x", "5")})})};
  EXPECT_NE(refusal(options).find("has no \"score\""), std::string::npos) << refusal(options);
  EXPECT_NE(refusal(all.options("taste")).find("--by"), std::string::npos);
  PairsMakeOptions rule = all.options("rule");
  rule.threshold = 3;
  EXPECT_NE(refusal(rule).find("--threshold"), std::string::npos);
}

TEST(PairsMake, WrongInputIsNamed) {
  const LinesFolder folder;
  const auto questions = folder.write("q.jsonl", {{{"id", "a"}, {"messages", asked("?")}, {"answer", "1"}}});
  const auto strangers = folder.write("s.jsonl", {candidates("z", {"1"})});
  const auto no_kind = folder.write("k.jsonl", {{{"id", "a"}, {"messages", asked("?")}, {"kind", "colour"}}});
  const auto run = [&](const PairsMakeOptions& options) -> std::string {
    try {
      make_pairs(options);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  const auto out = folder / "o.jsonl";
  EXPECT_NE(run({.questions = questions, .answers = {strangers}, .out = out})
                .find("s.jsonl line 1: no question has the id z"),
            std::string::npos);
  EXPECT_NE(run({.questions = no_kind, .answers = {strangers}, .out = out}), "");
  EXPECT_NE(run({.questions = questions, .answers = {strangers}, .out = out, .concise = "maybe"}).find("--concise"),
            std::string::npos);
  EXPECT_NE(run({.questions = questions, .answers = {strangers}, .out = out, .per_question = 0}).find("--per-question"),
            std::string::npos);
  const auto empty = folder.write("empty.jsonl", {});
  EXPECT_NE(run({.questions = questions, .answers = {empty}, .out = out, .skip_bad = true})
                .find("empty.jsonl: found no line"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(out));
  EXPECT_FALSE(std::filesystem::exists(out.string() + ".part"));
  EXPECT_EQ(make_pairs({.questions = questions, .answers = {strangers}, .out = out, .skip_bad = true}).bad_lines, 1);
}

TEST(PairsLines, PicturesStayFoundFromAnotherFolder) {
  const auto moved = [](const char* path) {
    Json line = {{"images", {path}}};
    move_pictures(line, "/data/set", "/data/out");
    return line["images"][0].get<std::string>();
  };
  EXPECT_EQ(moved("pictures/a.png"), "../set/pictures/a.png");
  EXPECT_EQ(moved("../out/a.png"), "a.png");
  EXPECT_EQ(moved("/abs/a.png"), "/abs/a.png");
  EXPECT_EQ(moved("data:image/png;base64,AA=="), "data:image/png;base64,AA==");
}

}  // namespace
}  // namespace r1v

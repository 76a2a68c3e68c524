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
            "samples 6: right 3, wrong 1, no verdict 0, cut off 1\n"
            "pairs 1: right over wrong 1, concise over long 0; bad lines left out 0");
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

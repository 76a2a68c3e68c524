// Dedupe, judge, filter and rewrite on a handful of lines.
#include <gtest/gtest.h>

#include "base/error.h"
#include "recipes/near_duplicates.h"
#include "recipes/pairs_dedupe.h"
#include "recipes/pairs_filter.h"
#include "recipes/pairs_judge.h"
#include "recipes/pairs_rewrite.h"
#include "recipes/pairs_testing.h"

namespace r1v {
namespace {

/// Says what it was told to say, by the question's text.
class ToldJudge final : public Judge {
 public:
  std::vector<JudgedMatch> verdicts(std::span<const Match> matches) override {
    std::vector<JudgedMatch> judged;
    for (const Match& match : matches) {
      const std::string question = match.line->json["messages"][0]["content"];
      const bool chosen_first = match.first == match.line->parsed.chosen;
      judged.emplace_back();
      if (question == "good") judged.back().better = chosen_first ? Better::first : Better::second;
      if (question == "bad") judged.back().better = chosen_first ? Better::second : Better::first;
      if (question == "first") judged.back().better = Better::first;  // whatever stands there
      if (question == "equal") judged.back().better = Better::equal;
      if (question == "broken") judged.back().error = "no reply";
    }
    return judged;
  }
  std::vector<Rating> ratings(std::span<const PairsLine* const> lines, Criterion) override {
    return std::vector<Rating>(lines.size(), {.value = std::nullopt, .error = "rates nothing"});
  }
  std::vector<Rewrite> rewrites(std::span<const PairsLine* const> lines) override {
    std::vector<Rewrite> rewritten;
    for (const PairsLine* line : lines) {
      const std::string say = json_string_or(line->json, "say", "", line->where);
      rewritten.push_back({say.empty() ? std::nullopt : std::optional(say), ""});
    }
    return rewritten;
  }
};

TEST(NearDuplicates, SimilarityIsTheShareOfCommonTriples) {
  EXPECT_EQ(plain_words("I see 3.1 Red-Circles, ok?"),
            (std::vector<std::string>{"i", "see", "3", "1", "red", "circles", "ok"}));
  EXPECT_EQ(plain_words("x\xE7\xBA\xA2\xE8\x89\xB2y"),
            (std::vector<std::string>{"x", "\xE7\xBA\xA2", "\xE8\x89\xB2", "y"}));
  std::vector<std::string> one, other;
  for (int i = 0; i < 302; ++i) one.push_back(std::to_string(i));  // 300 triples
  other = one;
  for (int i = 0; i < 100; ++i) other[static_cast<size_t>(i)] += "x";  // 100 of them changed: 200 common, 400 in all
  EXPECT_NEAR(similarity(sketch_of(one), sketch_of(other)), 0.5, 3 * 0.044);
  EXPECT_EQ(similarity(sketch_of(one), sketch_of(one)), 1.0);
}

TEST(NearDuplicates, GroupsAreApart) {
  NearDuplicates near(0.9);
  const Sketch sketch = sketch_of({"a", "b", "c", "d"});
  EXPECT_FALSE(near.seen(1, sketch));
  EXPECT_FALSE(near.seen(2, sketch));
  EXPECT_TRUE(near.seen(1, sketch));
}

TEST(PairsDedupe, TheFirstOfEqualPairsStays) {
  const LinesFolder folder;
  write_file_atomic(folder / "a.png", "picture");
  write_file_atomic(folder / "b.png", "picture");  // the same bytes under another name
  write_file_atomic(folder / "c.png", "another");
  const auto with_picture = [](const char* name, const char* chosen) {
    Json line = pair_of("<image>What?", chosen, "no");
    line["images"] = {name};
    return line;
  };
  std::string text = "the cat";
  for (int i = 0; i < 60; ++i) text += cat(" word", i);
  const auto data = folder.write(
      "in.jsonl", {pair_of("q", "a", "b"), pair_of("Q ", " A", "b"), pair_of("q", "b", "a"), pair_of("q", "a", "A "),
                   with_picture("a.png", "yes"), with_picture("b.png", "yes"), with_picture("c.png", "yes"),
                   pair_of(text, "a", "b"), pair_of(text + " end", "a", "b")});
  const auto counts = dedupe_pairs({.files = {.data = {data}, .out = folder / "out.jsonl"}});
  EXPECT_EQ(counts.text(),
            "pairs 9: kept 4, ties 1, exact duplicates 2, reversed 1, near duplicates 1; bad lines left out 0");
  const auto exact_only = dedupe_pairs({.files = {.data = {data}, .out = folder / "out.jsonl"}, .threshold = 1});
  EXPECT_EQ(exact_only.kept, 5);
  EXPECT_THROW(dedupe_pairs({.files = {.data = {data}, .out = folder / "out.jsonl"}, .threshold = 0}), InputError);
}

TEST(PairsDedupe, BadLinesStopOrAreCounted) {
  const LinesFolder folder;
  Json missing = pair_of("<image>What?", "a", "b");
  missing["images"] = {"none.png"};
  const auto data = folder.write("in.jsonl", {pair_of("q", "a", "b"), {{"chosen", "a"}}, missing});
  try {
    dedupe_pairs({.files = {.data = {data}, .out = folder / "out.jsonl"}});
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("in.jsonl line 2"), std::string::npos) << error.what();
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "out.jsonl"));
  const auto counts = dedupe_pairs({.files = {.data = {data}, .out = folder / "out.jsonl", .skip_bad = true}});
  EXPECT_EQ(counts.pairs, 1);
  EXPECT_EQ(counts.bad_lines, 2);
}

TEST(PairsJudge, OnlyWhatIsConfirmedInBothOrdersStays) {
  const LinesFolder folder;
  const auto data =
      folder.write("in.jsonl", {pair_of("good", "a", "b"), pair_of("bad", "a", "b"), pair_of("first", "a", "b"),
                                pair_of("equal", "a", "b"), pair_of("silent", "a", "b")});
  ToldJudge judge;
  PairsJudgeOptions options{.files = {.data = {data}, .out = folder / "out.jsonl"}};
  EXPECT_EQ(judge_pairs(options, judge).text(),
            "pairs 5: agreed 1, equal 2, contradicted 1, undecided 1\nkept 1, dropped 4; bad lines left out 0");
  EXPECT_EQ(folder.read("out.jsonl")[0], folder.read("in.jsonl")[0]);
  options.keep_undecided = options.keep_contradicted = true;
  EXPECT_EQ(judge_pairs(options, judge).kept, 3);  // good, bad and silent
  options.both_orders = "off";
  EXPECT_EQ(judge_pairs(options, judge).agreed, 2);  // good and first
}

TEST(PairsJudge, AJudgeThatFailsIsABadLine) {
  const LinesFolder folder;
  const auto data = folder.write("in.jsonl", {pair_of("good", "a", "b"), pair_of("broken", "a", "b")});
  ToldJudge judge;
  PairsJudgeOptions options{.files = {.data = {data}, .out = folder / "out.jsonl"}};
  try {
    judge_pairs(options, judge);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("in.jsonl line 2: no reply"), std::string::npos) << error.what();
  }
  options.files.skip_bad = true;
  const auto counts = judge_pairs(options, judge);
  EXPECT_EQ(counts.pairs, 1);
  EXPECT_EQ(counts.bad_lines, 1);
}

/// What it throws; "" if nothing.
template <typename Call>
std::string refusal(const Call& call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(PairsJudge, AJudgeThatJudgesNothingIsRefused) {
  const LinesFolder folder;
  ToldJudge judge;
  for (const char* question : {"broken", "silent"}) {
    const auto data = folder.write("in.jsonl", {pair_of(question, "a", "b"), pair_of(question, "c", "d")});
    const PairsFiles files{.data = {data}, .out = folder / "out.jsonl", .skip_bad = true};
    const std::string error = refusal([&] { judge_pairs({.files = files}, judge); });
    EXPECT_NE(error.find("not one of 2 lines could be judged"), std::string::npos) << error;
    const char* why = question == std::string("broken") ? "in.jsonl line 1: no reply" : "another --judge";
    EXPECT_NE(error.find(why), std::string::npos) << error;
    EXPECT_FALSE(std::filesystem::exists(folder / "out.jsonl"));
  }
}

TEST(PairsSteps, FilesWithoutLinesAndWithoutGoodLinesAreRefused) {
  const LinesFolder folder;
  ToldJudge judge;
  PairsFiles files{.data = {folder.write("in.jsonl", {})}, .out = folder / "out.jsonl", .skip_bad = true};
  EXPECT_NE(refusal([&] { judge_pairs({.files = files}, judge); }).find("found no line"), std::string::npos);
  EXPECT_NE(refusal([&] { dedupe_pairs({.files = files}); }).find("found no line"), std::string::npos);
  files.data = {folder.write("bad.jsonl", {{{"chosen", "a"}}})};
  EXPECT_NE(refusal([&] { dedupe_pairs({.files = files}); }).find("bad.jsonl line 1"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder / "out.jsonl"));
}

TEST(PairsRewrite, AJudgeThatWritesNothingIsRefused) {
  const LinesFolder folder;
  const auto data = folder.write("in.jsonl", {pair_of("2+2?", "4", "5")});
  ToldJudge judge;
  const std::string error =
      refusal([&] { rewrite_pairs({.files = {.data = {data}, .out = folder / "out.jsonl"}}, judge); });
  EXPECT_NE(error.find("not one of 1 lines was rewritten"), std::string::npos) << error;
  EXPECT_FALSE(std::filesystem::exists(folder / "out.jsonl"));
}

TEST(PairsRewrite, OnlyRightAndNewAnswersStay) {
  const LinesFolder folder;
  const auto line = [](const std::string& say, const std::string& gold) {
    Json pair = pair_of("2+2?", "perhaps \\boxed{4}", "\\boxed{5}");
    pair["say"] = say;
    if (!gold.empty()) pair["answer"] = gold;
    return pair;
  };
  const auto data = folder.write("in.jsonl", {line("\\boxed{4}", "4"), line("\\boxed{6}", "4"), line("", "4"),
                                              line("perhaps \\boxed{4}", "4"), line("\\boxed{4}", "")});
  ToldJudge judge;
  PairsRewriteOptions options{.files = {.data = {data}, .out = folder / "out.jsonl"}};
  EXPECT_EQ(rewrite_pairs(options, judge).text(),
            "pairs 5: kept 1, not rewritten 1, same as before 1, wrong result 1, unverified 1; bad lines left out 0");
  const Json kept = folder.read("out.jsonl").at(0);
  EXPECT_EQ(kept["chosen"], "\\boxed{4}");
  EXPECT_EQ(kept["old_chosen"], "perhaps \\boxed{4}");
  EXPECT_EQ(kept["rewritten"], true);
  options.keep_unverified = true;
  EXPECT_EQ(rewrite_pairs(options, judge).kept, 2);
}

TEST(PairsFilter, WeakPairsGoToAFileOfTheirOwn) {
  const LinesFolder folder;
  const auto data =
      folder.write("in.jsonl", {pair_of("a", "3", "1"), pair_of("b", "3", "2.5"), pair_of("c", "-2", "-9"),
                                pair_of("d", "1", "2"), pair_of("e", "3", "x")});
  const PairScorer by_text = [](std::span<const PairsLine> block) {  // an answer's score is the number it says
    std::vector<PairScores> scores;
    for (const PairsLine& line : block) {
      if (line.parsed.rejected == "x")
        scores.push_back({.error = "cannot be scored"});
      else
        scores.push_back({std::stod(line.parsed.chosen), std::stod(line.parsed.rejected), ""});
    }
    return scores;
  };
  PairsFilterOptions options{.files = {.data = {data}, .out = folder / "out.jsonl", .skip_bad = true},
                             .min_chosen = 0,
                             .min_margin = 1,
                             .weak = folder / "weak.jsonl"};
  // Margins 2, 0.5, 7, -1: mean 8.5 / 4.
  EXPECT_EQ(filter_pairs(options, by_text).text(),
            "pairs 4: the model agrees with 3, mean margin 2.125\nkept 1, weak 3: low chosen 1, low margin 2 (some are "
            "both); "
            "bad lines left out 1");
  EXPECT_EQ(folder.read("out.jsonl").at(0)["chosen_score"], 3.0);
  EXPECT_EQ(folder.read("weak.jsonl").size(), 3u);
  EXPECT_THROW(filter_pairs({.files = options.files}, by_text), InputError);
  options.weak = folder / "./out.jsonl";
  EXPECT_THROW(filter_pairs(options, by_text), InputError);  // one file under two names
  EXPECT_EQ(folder.read("out.jsonl").size(), 1u);            // and what was there stays
}

}  // namespace
}  // namespace r1v

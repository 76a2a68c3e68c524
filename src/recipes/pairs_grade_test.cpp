// Counts by source, with scores made up for the test.
#include "recipes/pairs_grade.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "models/golden_network.h"

namespace r1v {
namespace {

std::string line(const std::string& chosen, const std::string& rejected, const std::string& source) {
  return dump_json({{"messages", {{{"role", "user"}, {"content", "q"}}}},
                    {"chosen", chosen},
                    {"rejected", rejected},
                    {"source", source}}) +
         "\n";
}

/// An answer's score is its length.
std::vector<PairScores> by_length(std::span<const PairsLine> lines) {
  std::vector<PairScores> scores;
  for (const PairsLine& one : lines) {
    scores.push_back({.chosen = static_cast<double>(one.parsed.chosen.size()),
                      .rejected = static_cast<double>(one.parsed.rejected.size())});
  }
  return scores;
}

TEST(PairsGrade, CountsBySource) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "pairs.jsonl";
  write_file_atomic(file, line("long", "a", "x") + line("a", "bb", "x") + line("longer", "a", "y"));
  const PairsGradeReport report = grade_pairs({.data = {file}}, by_length);
  EXPECT_EQ(report.all.score.right, 2);
  EXPECT_EQ(report.all.score.asked, 3);
  EXPECT_EQ(report.by_source.at("x").score.right, 1);
  EXPECT_NEAR(report.json().at("sources").at("x").at("margin").get<double>(), (3.0 - 1.0) / 2, 1e-9);
  EXPECT_NE(report.table().find("all"), std::string::npos);
}

TEST(PairsGrade, NamesBadLines) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "pairs.jsonl";
  write_file_atomic(file, line("long", "a", "x") + "{}\n");
  EXPECT_THROW(grade_pairs({.data = {file}}, by_length), InputError);
  EXPECT_EQ(grade_pairs({.data = {file}, .skip_bad = true}, by_length).bad_lines, 1);
}

}  // namespace
}  // namespace r1v

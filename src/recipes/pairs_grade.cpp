// Counts by source.
#include "recipes/pairs_grade.h"

#include <cstdio>

#include "base/error.h"

namespace r1v {
namespace {

std::string row_text(const std::string& name, const PairsGradeReport::Row& row) {
  const auto [low, high] = wilson_interval(row.score);
  char text[128];
  std::snprintf(text, sizeof text, "%-24s%6.1f [%5.1f,%5.1f]%8lld%10.2f\n", name.c_str(), 100 * row.score.share(),
                100 * low, 100 * high, static_cast<long long>(row.score.asked),
                row.margin_sum / static_cast<double>(row.score.asked));
  return text;
}

Json row_json(const PairsGradeReport::Row& row) {
  const auto [low, high] = wilson_interval(row.score);
  return {{"right", row.score.right},
          {"pairs", row.score.asked},
          {"share", row.score.share()},
          {"low", low},
          {"high", high},
          {"margin", row.margin_sum / static_cast<double>(row.score.asked)}};
}

}  // namespace

PairsGradeReport grade_pairs(const PairsGradeOptions& options, const PairScorer& score) {
  const PairsFiles files{.data = options.data, .images_root = options.images_root, .skip_bad = options.skip_bad};
  PairsReader reader(files);
  PairsGradeReport report;
  for_each_scored(reader, score, [&](const PairsLine& line, const PairScores& scores) {
    const std::string& source = line.parsed.source;
    const double margin = scores.chosen - scores.rejected;
    for (PairsGradeReport::Row* row : {&report.all, &report.by_source[source.empty() ? "unnamed" : source]}) {
      ++row->score.asked;
      row->score.right += margin > 0 ? 1 : 0;
      row->margin_sum += margin;
    }
  });
  report.bad_lines = reader.bad();
  if (report.all.score.asked == 0) throw InputError("--data: no usable pair");
  return report;
}

std::string PairsGradeReport::table() const {
  std::string text = "source                   right [95 % Wilson]    pairs    margin\n";
  for (const auto& [source, row] : by_source) text += row_text(source, row);
  text += row_text("all", all);
  return bad_lines == 0 ? text : text + cat(bad_lines, " bad lines left out\n");
}

Json PairsGradeReport::json() const {
  Json sources = Json::object();
  for (const auto& [source, row] : by_source) sources[source] = row_json(row);
  return {{"all", row_json(all)}, {"sources", sources}, {"bad_lines", bad_lines}};
}

}  // namespace r1v

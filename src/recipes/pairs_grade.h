// How often a reward model prefers the better answer, by source of the pairs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gym/grade.h"
#include "recipes/pairs_filter.h"

namespace r1v {

struct PairsGradeOptions {
  std::vector<std::filesystem::path> data;
  std::optional<std::string> images_root;
  bool skip_bad = false;

  void fields(auto& field) {
    field("data", data, "files of preference lines");
    field("images-root", images_root,
          "where picture paths start; nothing outside is opened (default: each file's own folder)");
    field("skip-bad", skip_bad, "leaves bad lines out and counts them instead of stopping at the first");
  }
};

struct PairsGradeReport {
  struct Row {
    Score score;              // pairs whose chosen answer scores higher
    double margin_sum = 0.0;  // of the scores
  };
  Row all;
  std::map<std::string, Row> by_source;
  int64_t bad_lines = 0;

  std::string table() const;
  Json json() const;
};

/// throws InputError: bad lines, unless they are skipped; no pair at all.
PairsGradeReport grade_pairs(const PairsGradeOptions& options, const PairScorer& score);

}  // namespace r1v

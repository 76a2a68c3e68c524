// What the page shows, as one JSON document that its scripts read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "report/pictures.h"
#include "report/run_record.h"

namespace r1v {

struct PageLimits {
  size_t stretches = 800;     // of a curve
  int64_t samples = 2000;     // of the whole page
  size_t text_bytes = 16384;  // of one text of a sample
  EmbedLimits pictures;
};

struct PageOptions {
  std::string title;
  /// Where pictures of samples are looked for; empty: in the folder of their run.
  std::optional<std::filesystem::path> images_root;
  PageLimits limits;
};

/// {"title", "runs": [...], "curves": [...], "options": [...], "samples": [...], "pictures": [...], "notes": [...]};
/// the scripts under page/ are its only reader.
Json page_data(const std::vector<RunRecord>& runs, const PageOptions& options);

/// The `limit` samples that a page shows: the more suspicious half by suspicion, the others evenly spread over the
/// rest. Indices into `scores`, rising.
std::vector<size_t> choose_samples(const std::vector<double>& scores, size_t limit);

/// Without the middle of a text that is longer, cut between characters; says how much is gone.
std::string shorten(const std::string& text, size_t limit_bytes);

}  // namespace r1v

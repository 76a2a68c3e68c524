// Everything that a run folder tells: options, curves, samples, and what could not be read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "report/curve.h"
#include "report/option_lines.h"
#include "report/sample.h"

namespace r1v {

struct RunRecord {
  std::string name;  // the folder's, with as many parents as tell it from the others
  std::filesystem::path folder;
  OptionLines options;
  std::vector<Curve> curves;
  std::vector<SampleLine> samples;
  int64_t num_metric_lines = 0;
  bool is_empty = false;           // the folder holds none of a run's files
  std::vector<std::string> notes;  // what is missing, cut or unreadable, as sentences
};

/// options.toml, metrics.jsonl, samples.jsonl and samples-N.jsonl; a missing or damaged one is a note.
/// throws InputError when the folder does not exist.
RunRecord read_run(const std::filesystem::path& folder);

/// read_run for each, with names that differ. throws InputError also when a folder is named twice, and when none of
/// them holds anything of a run.
std::vector<RunRecord> read_runs(const std::vector<std::filesystem::path>& folders);

}  // namespace r1v

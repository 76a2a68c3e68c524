// options.toml of a run, and what differs between runs.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace r1v {

/// An option's name and its value as a person reads it.
using OptionLines = std::vector<std::pair<std::string, std::string>>;

/// Lines `name = value` as the program itself writes them: strings lose their quotes, lists become "a, b", 17-digit
/// numbers their shortest form. Blank lines, comments and lines of another form are skipped.
OptionLines read_options(std::string_view toml);

struct OptionRow {
  std::string name;
  std::vector<std::optional<std::string>> values;  // one a run; empty: the run has no such option
  bool differs = false;
};

/// All options of all runs, in the order of first appearance. A run without options.toml (no lines) differs from none.
std::vector<OptionRow> compare_options(const std::vector<OptionLines>& runs);

}  // namespace r1v

// The files under page/, as they were when the program was built.
#pragma once

#include <span>
#include <string_view>

namespace r1v {

struct PageFile {
  std::string_view name;  // "chart.js"
  std::string_view text;
  std::string_view sha256;  // of the text, hexadecimal
};

/// In the order in which scripts have to run.
std::span<const PageFile> page_files();

}  // namespace r1v

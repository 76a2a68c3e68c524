// Results that stay on disk as they come: one JSON line a piece of work, found again after the program was killed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "base/json.h"

namespace r1v {

/// Lines by their "index" (the number of the piece of work), in whatever order they were finished.
class GrowingLines final {
 public:
  /// Reads what is there; a last line that was cut short is removed. throws InputError: a line that is none of ours.
  explicit GrowingLines(std::filesystem::path path);

  bool has(int64_t index) const { return lines_.contains(index); }
  const Json& at(int64_t index) const { return lines_.at(index); }
  const std::map<int64_t, Json>& all() const { return lines_; }
  const std::filesystem::path& path() const { return path_; }
  std::string where(int64_t index) const;

  /// Gives the line its number, writes it out and keeps it. throws InputError: the disk is full.
  void add(int64_t index, const Json& line);

 private:
  std::filesystem::path path_;
  std::map<int64_t, Json> lines_;
  std::ofstream out_;
};

}  // namespace r1v

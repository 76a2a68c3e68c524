// Files of preference lines: read with every error placed, written whole or not at all, pictures still found.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/preference_line.h"

namespace r1v {

/// What the commands that turn preference lines into preference lines share.
struct PairsFiles {
  std::vector<std::filesystem::path> data;
  std::filesystem::path out;
  bool skip_bad = false;

  void fields(auto& field) {
    field("data", data, "files of preference lines");
    field("out", out, "file to write; picture paths are rewritten when it lies in another folder");
    field("skip-bad", skip_bad, "leaves bad lines out and counts them instead of stopping at the first");
  }
};

struct PairsLine {
  Json json;                     // as it stands in the file
  PreferenceLine parsed;         // the same, checked
  std::filesystem::path folder;  // of its file: where its picture paths start
  std::string where;             // "pairs.jsonl line 7"
};

/// Calls `visit` for every line of the files in order. returns how many bad lines were left out.
/// throws InputError naming file, line and key, unless bad lines are skipped; then the same errors of `visit` count.
int64_t for_each_pair(const PairsFiles& files, const std::function<void(const PairsLine&)>& visit);

/// Rewrites relative picture paths ("images", "image", parts of type image) that start from `from` so that they start
/// from `to`.
void move_pictures(Json& line, const std::filesystem::path& from, const std::filesystem::path& to);

/// Lines to a file that appears when finish() is called, complete; otherwise nothing of it stays.
class LinesWriter {
 public:
  /// throws InputError: no name given, or the folder cannot be written.
  explicit LinesWriter(std::filesystem::path path);
  LinesWriter(const LinesWriter&) = delete;
  LinesWriter& operator=(const LinesWriter&) = delete;
  ~LinesWriter();

  void write(const Json& line);
  /// The line with its picture paths moved to this file's folder.
  void write(Json line, const std::filesystem::path& folder);
  /// throws InputError: the disk is full.
  void finish();
  int64_t count() const { return count_; }

 private:
  std::filesystem::path path_, unfinished_;
  std::ofstream out_;
  int64_t count_ = 0;
};

/// The folder in which a file lies; "." for a bare name.
std::filesystem::path folder_of(const std::filesystem::path& file);

}  // namespace r1v

// Files of preference lines: read with every error placed, written whole or not at all, pictures still found.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/lines.h"
#include "data/preference_line.h"

namespace r1v {

/// What the commands that turn preference lines into preference lines share.
struct PairsFiles {
  std::vector<std::filesystem::path> data;
  std::filesystem::path out;
  std::optional<std::string> images_root;
  bool skip_bad = false;

  void fields(auto& field) {
    field("data", data, "files of preference lines");
    field("out", out, "file to write; picture paths are rewritten when it lies in another folder");
    field("images-root", images_root,
          "where picture paths start, in and out; nothing outside is opened (default: each file's own folder)");
    field("skip-bad", skip_bad, "leaves bad lines out and counts them instead of stopping at the first");
  }
};

struct PairsLine {
  Json json;                   // as it stands in the file
  PreferenceLine parsed;       // the same, checked
  std::filesystem::path root;  // where its picture paths start; nothing outside is opened
  std::string where;           // "pairs.jsonl line 7"
};

/// The lines of the files in order. A bad line stops the work or, with --skip-bad, is counted and left out.
class PairsReader {
 public:
  /// throws InputError: no files, one that cannot be read, or no line in them.
  explicit PairsReader(const PairsFiles& files);

  /// Up to `count` good lines; none at the end. throws InputError naming file, line and key.
  std::vector<PairsLine> next(size_t count);
  /// A line that turned out to be bad later. throws InputError unless bad lines are skipped.
  void refuse(const PairsLine& line, const std::string& error);
  /// At the end. throws InputError where `count` is 0: what fails for every line is no set of bad lines.
  /// what  "could be judged"; next  what to do where no line was bad.
  void expect_some(int64_t count, const std::string& what, const std::string& next = "") const;

  int64_t good() const { return good_; }  // lines given out and not refused
  int64_t bad() const { return bad_; }

 private:
  PairsLine read(int64_t index) const;

  const PairsFiles& files_;
  LineIndex lines_;
  int64_t index_ = 0, good_ = 0, bad_ = 0;
  std::string first_error_;
};

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
  /// The line with its picture paths, which start from `folder`, moved to this file's folder.
  void write(Json line, const std::filesystem::path& folder);
  /// throws InputError: the disk is full.
  void finish();
  int64_t count() const { return count_; }

 private:
  std::filesystem::path path_, unfinished_;
  std::ofstream out_;
  int64_t count_ = 0;
};

/// Writes a line of `files`; its pictures stay where they were found.
void write_pair(LinesWriter& writer, const PairsFiles& files, const PairsLine& line);

/// The folder in which a file lies; "." for a bare name.
std::filesystem::path folder_of(const std::filesystem::path& file);

}  // namespace r1v

// Lines that are both asked and learnt: a question, its right answer, and a solution where the line has one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/lines.h"
#include "recipes/pairs_lines.h"
#include "verify/verify.h"

namespace r1v {

struct TaskLine {
  int64_t index = 0;           // among all lines of the files, from 0
  std::string id;              // the line's "id", else its number from 1
  Json json;                   // as it stands in the file
  Json request;                // render request of the question alone, pictures placed
  std::string solution;        // what the assistant says at the end, thoughts in tags; "" in a line that only asks
  std::string gold;            // "answer", else the final answer of the solution; "" where neither has one
  std::string kind;            // of the gold answer
  std::filesystem::path root;  // where its picture paths start; nothing outside is opened
  std::string where;           // "train.jsonl line 7"

  bool has_pictures() const;
  /// All that is said before the solution.
  std::string question_text() const;
  /// For judges: the question with `answer` as the chosen one.
  PairsLine judged(const std::string& answer) const;
};

/// throws InputError naming place and key: no question, an "answer" or "kind" of a wrong kind, ids instead of messages.
TaskLine parse_task_line(const Json& json, const std::string& where);

/// The same question without its pictures.
Json without_pictures(const Json& request);

struct TaskLinesOptions {
  std::vector<std::filesystem::path> files;
  std::optional<std::filesystem::path> images_root;  // otherwise each file's own folder
  bool skip_bad = false;
};

/// SFT lines and question lines, all looked at once at the beginning and read again when wanted.
class TaskLines final {
 public:
  /// throws InputError naming file, line and key of a bad line (which --skip-bad counts and leaves out), or when no
  /// line is left.
  explicit TaskLines(TaskLinesOptions options);

  /// Numbers of the good lines, in order.
  const std::vector<int64_t>& indexes() const { return good_; }
  int64_t size() const { return static_cast<int64_t>(good_.size()); }
  int64_t num_bad() const { return num_bad_; }
  std::string digest() const { return lines_.digest(); }  // of all lines, bad ones too
  TaskLine line(int64_t index) const;

  /// A folder below which all pictures lie: --images-root, or what the files' folders have in common.
  std::filesystem::path common_root() const;
  /// The line with picture paths that start from common_root().
  Json moved(const TaskLine& line) const;

 private:
  TaskLinesOptions options_;
  LineIndex lines_;
  std::vector<int64_t> good_;
  int64_t num_bad_ = 0;
};

}  // namespace r1v

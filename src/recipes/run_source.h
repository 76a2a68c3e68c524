// What a run's stored results were made of: its folder is gone on with only where that is still the same.
#pragma once

#include <filesystem>
#include <string>

#include "base/json.h"
#include "recipes/judge_choice.h"
#include "recipes/task_lines.h"

namespace r1v {

/// Options by their names; data and models by what is in them, so that they may be moved. An options struct adds all of
/// its fields by fields(source).
class RunSource final {
 public:
  template <typename T>
  void operator()(const std::string& option, const T& value, const std::string& = "") {
    values_[option] = value;
  }
  void add_data(const std::string& option, const TaskLines& lines);
  void add_file(const std::string& option, const std::filesystem::path& file);
  /// The weight files of a checkpoint folder, or one file. They are read whole, as they are to be opened.
  void add_model(const std::string& option, const std::filesystem::path& model);
  /// Who judges; not where its server stands, nor how patiently it is asked.
  void add_judge(const JudgeChoice& choice);

  /// Writes <run>/source.json. Where the run holds results already, all that is written there must be the same; what is
  /// not written there yet (another round) may be anything. throws InputError naming what differs.
  void keep(const std::filesystem::path& run, bool holds_results) const;

 private:
  void expect_same(const std::filesystem::path& file) const;

  Json values_ = Json::object();
};

/// A file that is there and not empty: GrowingLines leave empty ones where no result came.
bool has_content(const std::filesystem::path& file);

}  // namespace r1v

// For tests: a folder of its own with lines in files.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "io/jsonl.h"

namespace r1v {

class LinesFolder {
 public:
  LinesFolder() {
    static int count = 0;
    path_ = std::filesystem::path(testing::TempDir()) / cat("r1v_pairs_", ::getpid(), "_", count++);
    std::filesystem::create_directories(path_);
  }
  LinesFolder(const LinesFolder&) = delete;
  LinesFolder& operator=(const LinesFolder&) = delete;
  ~LinesFolder() { std::filesystem::remove_all(path_); }

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

  std::filesystem::path write(const std::string& name, const std::vector<Json>& lines) const {
    std::string text;
    for (const Json& line : lines) text += dump_json(line) + "\n";
    std::filesystem::create_directories((path_ / name).parent_path());
    write_file_atomic(path_ / name, text);
    return path_ / name;
  }

  std::vector<Json> read(const std::string& name) const {
    std::vector<Json> lines;
    for_each_json_line(path_ / name, [&](const Json& line, int64_t) { lines.push_back(line); });
    return lines;
  }

 private:
  std::filesystem::path path_;
};

inline Json asked(const std::string& question) { return Json::array({Json{{"role", "user"}, {"content", question}}}); }

inline Json pair_of(const std::string& question, const std::string& chosen, const std::string& rejected) {
  return {{"messages", asked(question)}, {"chosen", chosen}, {"rejected", rejected}};
}

}  // namespace r1v

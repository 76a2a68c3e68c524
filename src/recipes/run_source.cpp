// A file of options and digests beside the results.
#include "recipes/run_source.h"

#include <algorithm>
#include <vector>

#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

uint64_t add_bytes(uint64_t digest, const fs::path& path) {
  const MappedFile file(path);
  return digest_bytes(digest, {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()});
}

}  // namespace

void RunSource::add_data(const std::string& option, const TaskLines& lines) {
  values_[option] = "lines " + lines.digest();
}

void RunSource::add_file(const std::string& option, const fs::path& file) {
  values_[option] = "file " + digest_text(add_bytes(0, file));
}

void RunSource::add_model(const std::string& option, const fs::path& model) {
  std::vector<fs::path> files;
  if (fs::is_regular_file(model)) files.push_back(model);
  if (fs::is_directory(model)) {
    for (const auto& entry : fs::directory_iterator(model)) {
      if (entry.path().extension() == ".safetensors") files.push_back(entry.path());
    }
  }
  std::ranges::sort(files);
  uint64_t digest = 0;
  for (const fs::path& file : files) digest = add_bytes(digest, file);
  values_[option] = "weights " + digest_text(digest);
}

void RunSource::add_judge(const JudgeChoice& choice) {
  values_["judge"] = choice.judge;
  if (choice.judge == "endpoint") values_["endpoint-model"] = choice.endpoint_model;
  if (choice.judge == "model") add_model("judge-model", choice.judge_model);
  if (choice.judge != "gym") values_["judge-tokens"] = choice.judge_tokens;
}

void RunSource::expect_same(const fs::path& file) const {
  if (!fs::exists(file)) {
    throw InputError(
        cat(file.string(), ": is missing beside results of an earlier program, so nobody can say which data ",
            "and options they were made with; give another --out, or write {} there if they are the same"));
  }
  std::string differences;
  const Json stored = read_json_file(file);
  for (const auto& [option, value] : stored.items()) {
    const Json now = values_.contains(option) ? values_.at(option) : Json();
    if (now == value) continue;
    differences += cat(differences.empty() ? "" : ", ", "--", option, " ", dump_json(value), " (now ",
                       now.is_null() ? "none" : dump_json(now), ")");
  }
  if (differences.empty()) return;
  throw InputError(cat(file.parent_path().string(), ": its results were made with ", differences,
                       "; resume with the same data and options, or give another --out"));
}

void RunSource::keep(const fs::path& run, bool holds_results) const {
  const fs::path file = run / "source.json";
  if (holds_results) expect_same(file);
  write_file_atomic(file, dump_json_pretty(values_) + "\n");
}

bool has_content(const fs::path& file) { return fs::exists(file) && fs::file_size(file) > 0; }

}  // namespace r1v

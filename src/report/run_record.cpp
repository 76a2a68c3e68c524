// One file after the other; whatever is wrong with one of them is said and does not stop the rest.
#include "report/run_record.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "report/loose_lines.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxFile = size_t{1} << 30;

// Nothing: the file is missing (a note says so) or unreadable.
std::optional<std::string> read_if_there(const fs::path& file, RunRecord& run) {
  std::error_code error;
  if (!fs::exists(file, error)) {
    run.notes.push_back(cat("there is no ", file.filename().string()));
    return std::nullopt;
  }
  try {
    return read_file(file, kMaxFile);
  } catch (const InputError& problem) {
    run.notes.push_back(printable(problem.what(), 300));
    return std::nullopt;
  }
}

std::vector<Json> read_lines(const fs::path& file, RunRecord& run) {
  const auto text = read_if_there(file, run);
  if (!text) return {};
  LooseLines lines = read_loose_lines(*text);
  const std::string name = file.filename().string();
  if (lines.num_unreadable > 0) {
    run.notes.push_back(cat(name, ": ", lines.num_unreadable, " unreadable lines left out; ", lines.first_problem));
  }
  if (lines.ends_in_a_part) run.notes.push_back(name + ": the last line is half written and left out");
  if (lines.objects.empty()) run.notes.push_back(name + " holds no line yet");
  return std::move(lines.objects);
}

// samples.jsonl, then samples-1.jsonl, samples-2.jsonl, ... of runs in stages.
std::vector<fs::path> sample_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("samples") && name.ends_with(".jsonl")) files.push_back(entry.path());
  }
  std::ranges::sort(files, {}, [](const fs::path& file) { return std::pair(file.string().size(), file.string()); });
  return files;
}

std::vector<std::string> parts_of(const fs::path& folder) {
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(folder, error);
  std::vector<std::string> parts;
  for (const fs::path& part : error ? folder : whole) {
    if (!part.empty() && part != "/") parts.push_back(part.string());
  }
  if (parts.empty()) parts.push_back("/");
  return parts;
}

std::string last_parts(const std::vector<std::string>& parts, size_t count) {
  std::string name;
  for (size_t i = parts.size() - std::min(count, parts.size()); i < parts.size(); ++i) {
    name += (name.empty() ? "" : "/") + parts[i];
  }
  return name;
}

// The shortest ends of the paths that tell them apart.
void name_runs(std::vector<RunRecord>& runs) {
  std::vector<std::vector<std::string>> parts;
  for (const RunRecord& run : runs) parts.push_back(parts_of(run.folder));
  std::vector<size_t> counts(runs.size(), 1);
  for (bool changed = true; changed;) {
    changed = false;
    std::map<std::string, std::vector<size_t>> bearers;
    for (size_t i = 0; i < runs.size(); ++i) bearers[last_parts(parts[i], counts[i])].push_back(i);
    for (const auto& [name, indices] : bearers) {
      if (indices.size() < 2) continue;
      for (const size_t i : indices) {
        changed = changed || counts[i] < parts[i].size();
        counts[i] = std::min(counts[i] + 1, parts[i].size());
      }
    }
  }
  for (size_t i = 0; i < runs.size(); ++i) runs[i].name = last_parts(parts[i], counts[i]);
}

}  // namespace

RunRecord read_run(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    throw InputError(cat(printable(folder.string(), 300),
                         fs::exists(folder, error) ? " is no folder" : " does not exist",
                         "; name the --out folder of a training run"));
  }
  RunRecord run{.name = last_parts(parts_of(folder), 1), .folder = folder};
  const std::vector<fs::path> sample_paths = sample_files(folder);
  const bool is_run = fs::exists(folder / "metrics.jsonl", error) || fs::exists(folder / "options.toml", error);
  run.is_empty = !is_run && sample_paths.empty();
  if (const auto toml = read_if_there(folder / "options.toml", run)) run.options = read_options(*toml);
  const std::vector<Json> lines = read_lines(folder / "metrics.jsonl", run);
  run.num_metric_lines = static_cast<int64_t>(lines.size());
  run.curves = read_curves(lines);
  for (const fs::path& file : sample_paths) {
    for (const Json& line : read_lines(file, run)) run.samples.push_back(read_sample(line));
  }
  if (sample_paths.empty()) run.notes.push_back("no samples were kept (grpo, sft and reward keep some)");
  return run;
}

std::vector<RunRecord> read_runs(const std::vector<fs::path>& folders) {
  std::vector<RunRecord> runs;
  std::set<fs::path> seen;
  for (const fs::path& folder : folders) {
    std::error_code error;
    if (!seen.insert(fs::weakly_canonical(folder, error)).second) {
      throw InputError(cat(printable(folder.string(), 300), " is named twice; name every run once"));
    }
    runs.push_back(read_run(folder));
  }
  if (!runs.empty() && std::ranges::all_of(runs, &RunRecord::is_empty)) {
    throw InputError(
        cat(printable(folders.front().string(), 300),
            " is no run folder: it holds neither metrics.jsonl nor options.toml nor samples.jsonl; name the "
            "--out folder of a training run"));
  }
  name_runs(runs);
  return runs;
}

}  // namespace r1v

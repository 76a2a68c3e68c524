// r1v report: one HTML page about one or several training runs.
#include <iostream>

#include "apps/commands.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "report/page.h"
#include "report/page_data.h"
#include "report/run_record.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

struct ReportOptions {
  std::vector<fs::path> runs;
  fs::path out;
  std::string title;
  int64_t samples = 2000;
  int64_t pictures = 64;
  fs::path images_root;
  void fields(auto& field) {
    field("@runs", runs, "run folders, as --out of a training command made them");
    field("out", out, "the page; without it report.html in the run's folder, for one run");
    field("title", title, "the page's title; without it the names of the runs");
    field("samples", samples, "samples on the page: the most suspicious, and an even spread of the others");
    field("pictures", pictures, "pictures of samples on the page, at most 512 KB each");
    field("images-root", images_root, "folder of the samples' pictures; without it the run's folder");
  }
};

void check(const ReportOptions& options) {
  if (options.runs.empty()) throw InputError("no run; name the --out folder of a training run: r1v report RUN");
  if (options.runs.size() > 1 && options.out.empty()) {
    throw InputError(
        cat("found ", options.runs.size(), " runs and no --out; say where the page goes: --out FILE.html"));
  }
  for (const auto& [name, value] : {std::pair("samples", options.samples), std::pair("pictures", options.pictures)}) {
    if (value < 0) throw InputError(cat("--", name, " ", value, ", expected 0 or more"));
  }
}

std::string title_of(const std::vector<RunRecord>& runs) {
  std::string title;
  for (const RunRecord& run : runs) title += (title.empty() ? "" : ", ") + run.name;
  return title;
}

}  // namespace

int run_report(Args args) {
  const auto options = parse_options<ReportOptions>("report", "one HTML page about one or several training runs", args);
  check(options);
  const std::vector<RunRecord> runs = read_runs(options.runs);
  for (const RunRecord& run : runs) {
    for (const std::string& note : run.notes) log_info(cat(run.name, ": ", note));
  }
  PageOptions page;
  page.title = options.title.empty() ? title_of(runs) : options.title;
  page.limits.samples = options.samples;
  page.limits.pictures.number = options.pictures;
  if (!options.images_root.empty()) page.images_root = options.images_root;
  const fs::path out = options.out.empty() ? options.runs.front() / "report.html" : options.out;
  write_file_atomic(out, page_html(page_data(runs, page)));
  std::cout << out.string() << "\n";
  return 0;
}

}  // namespace r1v

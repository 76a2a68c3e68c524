// `r1v train distill`: score, then chains; no weight moves.
#include "recipes/distill.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/options.h"
#include "recipes/run_source.h"

namespace r1v {
namespace {

void check(const DistillOptions& options) {
  if (options.out.empty()) throw InputError("train distill: --out is missing: the folder that the run is written to");
  if (options.data.empty()) throw InputError("train distill: --data is missing: files of JSON lines");
  if (options.threads < 0 || options.threads > 1024) {
    throw InputError(cat("--threads: found ", options.threads, ", expected 0 to 1024"));
  }
  if (!options.resume && std::filesystem::exists(options.out / "options.toml")) {
    throw InputError(
        cat(options.out.string(), ": a run is there already; go on with --resume or choose another --out"));
  }
  check_query_scores(options.scores);
  check_chains(options.chains);
}

/// What decides the scores, the chains and the lines made of them. Other --skip-bad only leaves other lines out.
void keep_source(const DistillOptions& options, const TaskLines& lines) {
  RunSource source;
  source.add_data("data", lines);
  source.add_model("model", options.model);
  source("seed", options.seed);
  source("dtype", options.dtype);
  QueryScoreOptions(options.scores).fields(source);
  ChainOptions(options.chains).fields(source);
  source.add_judge(options.judge);
  constexpr std::array kResults = {"scores.jsonl", "seeing.jsonl", "chains.jsonl", "summary.json"};
  source.keep(options.out,
              std::ranges::any_of(kResults, [&](const char* name) { return has_content(options.out / name); }));
}

}  // namespace

int train_distill(const DistillOptions& options, Judge* judge, const std::atomic<bool>& stop) {
  R1V_CHECK(judge != nullptr, "distillation has a judge");
  check(options);
  if (options.threads > 0) at::set_num_threads(static_cast<int>(options.threads));
  const TaskLines lines({.files = options.data,
                         .images_root = options.images_root.empty() ? std::nullopt : std::optional(options.images_root),
                         .skip_bad = options.skip_bad});
  const AnsweringModel model(options.model, options.dtype);
  // Only now is it a run: what was refused above can be mended and started again.
  std::filesystem::create_directories(options.out);
  keep_source(options, lines);
  write_file_atomic(options.out / "options.toml", options_toml(options));
  log_info(cat(lines.size(), " lines, ", lines.num_bad(), " bad ones left out"));
  if (!score_queries(lines, options.scores,
                     {.model = model,
                      .judge = *judge,
                      .max_completion_length = options.chains.max_completion_length,
                      .skip_bad = options.skip_bad,
                      .folder = options.out},
                     stop)) {
    return 130;
  }
  const auto penalties = penalties_of(lines, options.out, options.scores.rule);
  const auto summary = distill_chains(lines, options.chains,
                                      {.model = model,
                                       .judge = judge,
                                       .penalties = penalties,
                                       .seed = options.seed,
                                       .skip_bad = options.skip_bad,
                                       .folder = options.out},
                                      stop);
  if (!summary) return 130;
  log_info(cat((options.out / "distilled.jsonl").string(), ": ", dump_json(summary->at("solutions")), ", not scored ",
               dump_json(summary->at("unscored")), "; train on it with --images-root ",
               summary->at("images_root").get<std::string>()));
  return 0;
}

}  // namespace r1v

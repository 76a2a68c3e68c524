// r1v bench: how fast this machine runs a model, beside what the machine can do at most.
#include <ATen/Parallel.h>

#include <algorithm>
#include <iostream>

#include "apps/bench_measures.h"
#include "apps/bench_shapes.h"
#include "apps/child_process.h"
#include "apps/commands.h"
#include "apps/open_model.h"
#include "apps/process_memory.h"
#include "apps/run_folder.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "tensor/dtype.h"

namespace r1v {
namespace {

/// What opens a model, here and in the process that `load` times.
struct OpenOptions {
  ModelOptions model;
  EngineFlags engine;
  void fields(auto& field) {
    model.fields(field);
    engine.fields(field);
  }
};

struct BenchOptions : OpenOptions {
  std::string shape;
  std::filesystem::path folder;
  std::optional<std::string> measure;
  int64_t reps = 3;
  bool json = false;
  void fields(auto& field) {
    OpenOptions::fields(field);
    field("shape", shape,
          "random weights instead of --model: qwen2.5-0.5b, internvit-300m-0.5b (InternVL layout), qwen2.5-7b (int4 "
          "only) or tiny");
    field("folder", folder, "where --shape puts its checkpoint, kept for the next run; empty: a temporary folder");
    field(
        "measure", measure,
        "separated by commas: limits, load, first, decode or decode8k (any depth), prefill or prefill2k, batch8 (1 to "
        "256 samples), image7 (1 to 64 tiles), second_question; standard output is then JSON lines");
    field("reps", reps, "repetitions of each figure, 1 to 1000; the figure is their median");
    field("json", json, "one JSON line a figure on stdout; the table goes to stderr");
  }
};

constexpr const char* kDescription =
    "Measures this machine with a model: figures, and their share of what the machine can do at most (memory reads, "
    "multiplications), measured in the same run. Nothing else should run meanwhile; bench/README.md says what the "
    "figures mean and how other programs are measured on the same work.\n\n"
    "  r1v bench --shape qwen2.5-0.5b --weights int8 --measure decode,prefill,batch8,decode8k";

constexpr double kMebi = 1 << 20;
constexpr const char* kUsualMeasures = "load,decode,prefill,batch8,image1,image7,second_question";

class BenchRun {
 public:
  explicit BenchRun(const BenchOptions& options)
      : options_(options),
        is_json_(options.json || options.measure),
        measures_(parse_measures(options.measure.value_or(kUsualMeasures))),
        variant_(variant(options)) {
    if (options.reps < 1 || options.reps > 1000) {
      throw InputError(cat("--reps is ", options.reps, ", expected 1 to 1000"));
    }
  }

  int run() {
    if (!options_.shape.empty()) make_shape(options_.shape, options_.model.weights, options_.model.model);
    for (const Measure& measure : measures_) {
      // In processes of their own, before this one has grown.
      if (measure.kind == MeasureKind::load) print(load());
      if (measure.kind == MeasureKind::first) print(first());
    }
    std::erase_if(measures_, [](const Measure& measure) {
      return measure.kind == MeasureKind::load || measure.kind == MeasureKind::first;
    });
    if (!measures_.empty()) measure_here();
    return 0;
  }

 private:
  static std::string variant(const OpenOptions& options) {
    std::string name = options.model.weights;
    if (name == "auto" || name == "off") {
      name = cat(dtype_name(compute_dtype(options.model.dtype)), name == "off" ? "-plain" : "");
    }
    if (options.engine.kv != "auto") name += "-kv-" + options.engine.kv;
    if (options.engine.draft_tokens > 0) name += cat("-draft-", options.engine.draft_tokens);
    return name;
  }

  WeightFormat format() const {
    if (options_.model.weights == "int8") return WeightFormat::int8;
    if (options_.model.weights == "int4") return WeightFormat::int4;
    const bool is_bfloat16 = compute_dtype(options_.model.dtype) == at::kBFloat16;
    return is_bfloat16 ? WeightFormat::bfloat16 : WeightFormat::float32;
  }

  void measure_here() {
    if (options_.model.threads > 0) at::set_num_threads(static_cast<int>(options_.model.threads));
    const MachineLimits limits = measure_machine_limits();
    print(limits);
    if (std::ranges::all_of(measures_, [](const Measure& one) { return one.kind == MeasureKind::limits; })) return;
    const bool knows_peak = forget_peak_memory();
    const OpenModel open = open_model(options_.model, options_.engine);
    const ModelMeasures model(open, limits, format(), options_.reps);
    for (const Measure& measure : measures_) {
      if (measure.kind == MeasureKind::limits) continue;
      const std::string obstacle = model.obstacle(measure);
      if (!obstacle.empty()) {
        if (options_.measure) log_info(cat(measure.name, " is left out: ", obstacle));
        continue;
      }
      Figure figure = model.measure(measure);
      const auto peak = peak_memory_bytes();
      if (knows_peak && peak) figure.extras.emplace_back("peak_rss_mb", static_cast<double>(*peak) / kMebi);
      print(figure);
    }
  }

  Figure first() const {
    return {.measure = "first", .unit = "s", .all = {seconds_to_first_token(options_.model, options_.engine)}};
  }

  /// The whole life of a process that opens the model and gives one token.
  Figure load() const {
    const RunFolder folder;
    write_file_atomic(folder.path() / "model.toml", options_toml<OpenOptions>(options_));
    forget_peak_memory();  // else the child would inherit this process's mark
    Figure figure{.measure = "load", .unit = "s"};
    int64_t peak = 0;
    for (int64_t i = 0; i < options_.reps; ++i) {
      const ChildUsage usage = run_child(
          "/proc/self/exe", {"bench", "--config", (folder.path() / "model.toml").string(), "--measure", "first"});
      if (usage.status != 0) throw InputError(cat("load: the process ended with status ", usage.status, ", see above"));
      figure.all.push_back(usage.wall_s);
      peak = std::max(peak, usage.peak_bytes);
    }
    figure.extras = {{"peak_rss_mb", static_cast<double>(peak) / kMebi}};
    return figure;
  }

  void print(const Figure& figure) const {
    (is_json_ ? std::cerr : std::cout) << figure_row(figure, variant_) << std::endl;
    if (is_json_) std::cout << dump_json(figure_json(figure, variant_)) << std::endl;
  }

  void print(const MachineLimits& limits) const {
    (is_json_ ? std::cerr : std::cout) << limit_row(limits) << std::endl;
    if (!is_json_) return;
    for (const Json& line : limit_lines(limits)) std::cout << dump_json(line) << std::endl;
  }

  BenchOptions options_;
  bool is_json_;
  std::vector<Measure> measures_;
  std::string variant_;
};

}  // namespace

int run_bench(Args args) {
  auto options = parse_options<BenchOptions>("bench", kDescription, args);
  if (options.shape.empty()) {
    if (!options.folder.empty()) throw InputError("--folder is the place of --shape's checkpoint; name a --shape");
    return BenchRun(options).run();
  }
  if (options.model.model != default_model()) throw InputError("--model and --shape: name one of them");
  const RunFolder folder(options.folder);
  options.model.model = folder.path();
  return BenchRun(options).run();
}

}  // namespace r1v

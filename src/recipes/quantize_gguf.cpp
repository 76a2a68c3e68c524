// Writes through models/gguf_export, then compares what is read back with what was there.
#include "recipes/quantize_gguf.h"

#include <algorithm>

#include "models/gguf_export.h"
#include "models/open_checkpoint.h"
#include "models/registry.h"
#include "recipes/quantize_parts.h"
#include "recipes/work_folder.h"
#include "tensor/dtype.h"

namespace r1v {
namespace {

void compare(const TensorSource& before, const TensorSource& after, QuantizeReport& report) {
  for (const std::string& name : after.names()) {
    const std::string joint = "language_model." + name;
    const std::string source = before.has(name) ? name : joint;
    if (!before.has(source)) continue;  // the copy of a tied head
    const StoredTensor stored = after.stored(name);
    const bool is_plain = stored.form == "float32";
    const std::string kind = linear_kind(name);
    QuantizedKind& row = report.row(is_plain ? kKept : kind.empty() ? "embeddings, head" : kind);
    ++row.count;
    row.bytes_before += before.stored(source).bytes;
    row.bytes_after += stored.bytes;
    if (!is_plain)
      row.largest_error = std::max(row.largest_error, relative_error(after.tensor(name), before.tensor(source)));
  }
  report.sort();
}

}  // namespace

QuantizeReport quantize_to_gguf(const QuantizeOptions& options, const StopAsked& stop) {
  const WorkFolder work(options.out, stop);
  const std::filesystem::path file = work.path() / "model.gguf";
  export_gguf(options.model, options.type, file);
  work.check();
  QuantizeReport report;
  compare(*open_checkpoint(options.model), *open_checkpoint(file), report);
  if (!options.no_check) run_once(*load_model(file, {.dtype = compute_dtype(options.dtype)}), file.string());
  work.publish_file(file);
  return report;
}

}  // namespace r1v

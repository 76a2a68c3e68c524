// Reading lessons for the projector and the language model: every visual token said aloud, one text token each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace r1v {

struct ScanOptions {
  std::filesystem::path model = "models/r1v-mini";
  std::filesystem::path data;
  std::filesystem::path out;

  void fields(auto& field) {
    field("model", model, "checkpoint folder: only its config.json is read, for tiles and patches");
    field("data", data, "file of `r1v gym make --format sft --with-scene`");
    field("out", out, "file of JSON lines to write in the folder of --data, whose pictures it names (default: scan.jsonl there)");
  }
};

/// What the visual tokens of one picture show, in their order: first characters, second characters, and colours of the
/// shapes whose centre lies there (left out when there are none); "." = nothing. `labels` are patch_labels() of tiles with
/// `side` x `side` patches; `factor` x `factor` patches make one visual token; `chars` and `colors` are the names of
/// the classes from 1 on. Line k, place i is about visual token i, and r1v-mini's tokenizer makes one token of each
/// place: the answer to "Scan." runs at a constant distance behind the picture, which is the easiest thing for attention
/// to find.
std::string scan_text(const std::vector<int8_t>& labels, int64_t side, int64_t factor,
                      const std::vector<std::string>& chars, const std::vector<std::string>& colors);

/// Writes one lesson for every line with one picture. Returns the file.
/// throws InputError: no data, lines without marks, a model without a tower, a file in the way.
std::filesystem::path write_scans(const ScanOptions& options);

}  // namespace r1v

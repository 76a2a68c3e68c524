// Preference pairs from good answers alone: cut one, let the model finish it without the picture, and reject that.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace r1v {

struct PairsCutOptions {
  std::vector<std::filesystem::path> data;
  std::filesystem::path out;
  std::optional<std::string> images_root;
  double at = 0.5;
  std::string skip_right = "on";
  bool skip_bad = false;

  void fields(auto& field) {
    field("data", data,
          "JSON lines with a good answer each: supervised lines (the assistant's last message), preference lines "
          "(\"chosen\") or questions with a \"solution\"");
    field("out", out, "file of preference lines to write; picture paths are rewritten when it lies in another folder");
    field("images-root", images_root,
          "where picture paths start, in and out; nothing outside is opened (default: each file's own folder)");
    field("at", at, "share of the answer's tokens that is kept, above 0 and below 1");
    field("skip-right", skip_right,
          "on: a finish that is right all the same makes no pair (judged against \"answer\", else against the good "
          "answer's own result), nor does one that cannot be decided; off: both do");
    field("skip-bad", skip_bad, "leaves bad lines out and counts them instead of stopping at the first");
  }
};

struct PairsCutCounts {
  int64_t lines = 0, without_picture = 0, too_short = 0;  // a line without a picture has nothing to be cut off from
  int64_t cut_off = 0, empty = 0, same = 0, right = 0, undecided = 0;  // finishes that make no pair
  int64_t pairs = 0, bad_lines = 0;

  std::string text() const;
};

/// InternVL's dropout next-token prediction (arXiv 2411.10442). `sampling` has n = 1; its seed is mixed
/// with the line's number, so that a line's pair does not depend on the others where the network is packed.
/// throws InputError: bad lines, unless they are skipped; no lines; options out of range.
PairsCutCounts cut_pairs(const PairsCutOptions& options, const R1vModel& model, const Renderer& renderer,
                         const EngineOptions& engine, const SamplingParams& sampling);

}  // namespace r1v

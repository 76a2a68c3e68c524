// The same pair twice, nearly the same pair, and pairs whose two answers are one.
#pragma once

#include <string>

#include "recipes/pairs_lines.h"

namespace r1v {

struct PairsDedupeOptions {
  PairsFiles files;
  double threshold = 0.9;

  void fields(auto& field) {
    files.fields(field);
    field(
        "threshold", threshold,
        "pairs about the same pictures whose texts share this part of their word triples are near duplicates; 1 keeps "
        "all but equal texts");
  }
};

struct PairsDedupeCounts {
  int64_t pairs = 0, kept = 0, ties = 0, exact = 0, reversed = 0, near = 0, bad_lines = 0;

  std::string text() const;
};

/// The first of several stays. Texts are compared without case and with white space joined, pictures byte by byte.
/// Reversed: the same question with the two answers exchanged; who is right cannot be known, the first stays.
/// throws InputError: bad lines or pictures that cannot be read, unless bad lines are skipped.
PairsDedupeCounts dedupe_pairs(const PairsDedupeOptions& options);

}  // namespace r1v

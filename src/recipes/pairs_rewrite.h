// Weak pairs get a better chosen answer, written by a judge and kept only when it is right.
#pragma once

#include <string>

#include "recipes/judge.h"
#include "recipes/pairs_lines.h"

namespace r1v {

struct PairsRewriteOptions {
  PairsFiles files;
  bool keep_unverified = false;

  void fields(auto& field) {
    files.fields(field);
    field("keep-unverified", keep_unverified, "also keeps rewrites of lines without \"answer\", which nobody checks");
  }
};

struct PairsRewriteCounts {
  int64_t pairs = 0, kept = 0, not_rewritten = 0, same = 0, wrong = 0, unverified = 0, bad_lines = 0;

  std::string text() const;
};

/// Lines gain "rewritten": true and the chosen answer that was there as "old_chosen"; pairs without a good rewrite are
/// left out. throws InputError: bad lines or a judge that fails, unless bad lines are skipped; a judge that writes
/// nothing for any line.
PairsRewriteCounts rewrite_pairs(const PairsRewriteOptions& options, Judge& judge);

}  // namespace r1v

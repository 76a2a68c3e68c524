// Blocks of pairs to the judge; verify has the last word on what it writes.
#include "recipes/pairs_rewrite.h"

#include "base/error.h"
#include "verify/verify.h"

namespace r1v {
namespace {

constexpr size_t kBlock = 64;

bool count_and_keep(const PairsLine& line, const Rewrite& rewrite, bool keep_unverified, PairsRewriteCounts& counts) {
  if (!rewrite.answer || rewrite.answer->empty()) {
    ++counts.not_rewritten;
    return false;
  }
  if (*rewrite.answer == line.parsed.chosen || *rewrite.answer == line.parsed.rejected) {
    ++counts.same;
    return false;
  }
  const std::string& gold = line.parsed.answer;
  if (gold.empty()) {
    ++counts.unverified;
    return keep_unverified;
  }
  const Verdict verdict = verify_answer(gold, *rewrite.answer, answer_kind(line.parsed.kind));
  if (verdict.correct != true) ++counts.wrong;
  return verdict.correct == true;
}

}  // namespace

std::string PairsRewriteCounts::text() const {
  return cat("pairs ", pairs, ": kept ", kept, ", not rewritten ", not_rewritten, ", same as before ", same,
             ", wrong result ", wrong, ", unverified ", unverified, "; bad lines left out ", bad_lines);
}

PairsRewriteCounts rewrite_pairs(const PairsRewriteOptions& options, Judge& judge) {
  PairsReader reader(options.files);
  LinesWriter writer(options.files.out);
  PairsRewriteCounts counts;
  for (auto block = reader.next(kBlock); !block.empty(); block = reader.next(kBlock)) {
    std::vector<const PairsLine*> lines;
    for (const PairsLine& line : block) lines.push_back(&line);
    const std::vector<Rewrite> rewrites = judge.rewrites(lines);
    R1V_CHECK(rewrites.size() == lines.size(), "a rewrite a line");
    for (size_t i = 0; i < block.size(); ++i) {
      if (!rewrites[i].error.empty()) {
        reader.refuse(block[i], rewrites[i].error);
      } else if (count_and_keep(block[i], rewrites[i], options.keep_unverified, counts)) {
        block[i].json["old_chosen"] = block[i].parsed.chosen;
        block[i].json["chosen"] = *rewrites[i].answer;
        block[i].json["rewritten"] = true;
        write_pair(writer, options.files, block[i]);
      }
    }
  }
  reader.expect_some(
      reader.good() - counts.not_rewritten,
      cat("was rewritten by the judge (not rewritten ", counts.not_rewritten, ", bad ", reader.bad(), ")"),
      "see what the judge replies, or take another --judge");
  writer.finish();
  counts.pairs = reader.good();
  counts.bad_lines = reader.bad();
  counts.kept = writer.count();
  return counts;
}

}  // namespace r1v

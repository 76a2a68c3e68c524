// Blocks of pairs to the judge; what it confirms is written.
#include "recipes/pairs_judge.h"

#include "base/error.h"
#include "recipes/on_off.h"

namespace r1v {
namespace {

constexpr size_t kBlock = 64;

Better exchanged(Better better) {
  return better == Better::first ? Better::second : better == Better::second ? Better::first : better;
}

/// One verdict out of two, the second of which saw the answers exchanged.
JudgedMatch joined(const JudgedMatch& one, const JudgedMatch& other) {
  if (!one.error.empty() || !other.error.empty()) return one.error.empty() ? other : one;
  const Better second = exchanged(other.better);
  if (one.better == Better::unknown || second == Better::unknown) return {.better = Better::unknown, .error = ""};
  return {.better = one.better == second ? one.better : Better::equal, .error = ""};
}

std::vector<JudgedMatch> judge_block(const std::vector<PairsLine>& block, bool both_orders, Judge& judge) {
  std::vector<Match> matches;
  for (const PairsLine& line : block) {
    matches.push_back({&line, line.parsed.chosen, line.parsed.rejected});
    if (both_orders) matches.push_back({&line, line.parsed.rejected, line.parsed.chosen});
  }
  std::vector<JudgedMatch> judged = judge.verdicts(matches);
  R1V_CHECK(judged.size() == matches.size(), "a verdict a match");
  if (!both_orders) return judged;
  for (size_t i = 0; i < block.size(); ++i) judged[i] = joined(judged[2 * i], judged[2 * i + 1]);
  judged.resize(block.size());
  return judged;
}

bool count_and_keep(Better better, const PairsJudgeOptions& options, PairsJudgeCounts& counts) {
  switch (better) {
    case Better::first:
      ++counts.agreed;
      return true;
    case Better::second:
      ++counts.contradicted;
      return options.keep_contradicted;
    case Better::equal:
      ++counts.equal;
      return false;
    case Better::unknown:
      ++counts.undecided;
      return options.keep_undecided;
  }
  R1V_CHECK(false, "unknown verdict");
}

}  // namespace

std::string PairsJudgeCounts::text() const {
  return cat("pairs ", pairs, ": agreed ", agreed, ", equal ", equal, ", contradicted ", contradicted, ", undecided ",
             undecided, "\nkept ", kept, ", dropped ", pairs - kept, "; bad lines left out ", bad_lines);
}

PairsJudgeCounts judge_pairs(const PairsJudgeOptions& options, Judge& judge) {
  is_on("both-orders", options.both_orders);
  PairsReader reader(options.files);
  LinesWriter writer(options.files.out);
  PairsJudgeCounts counts;
  for (auto block = reader.next(kBlock); !block.empty(); block = reader.next(kBlock)) {
    const std::vector<JudgedMatch> judged = judge_block(block, options.both_orders == "on", judge);
    for (size_t i = 0; i < block.size(); ++i) {
      if (!judged[i].error.empty()) {
        reader.refuse(block[i], judged[i].error);
      } else if (count_and_keep(judged[i].better, options, counts)) {
        write_pair(writer, options.files, block[i]);
      }
    }
  }
  reader.expect_some(counts.agreed + counts.equal + counts.contradicted,
                     cat("could be judged (undecided ", counts.undecided, ", bad ", reader.bad(), ")"),
                     "see what the judge replies, or take another --judge");
  writer.finish();
  counts.pairs = reader.good();
  counts.bad_lines = reader.bad();
  counts.kept = writer.count();
  return counts;
}

}  // namespace r1v

// Scores in blocks, limits, and two files: what passes and what does not.
#include "recipes/pairs_filter.h"

#include <cstdio>
#include <utility>

#include "base/error.h"
#include "engine/reward_model.h"

namespace r1v {
namespace {

constexpr size_t kBlock = 32;

/// Both answers of a line as prompts; their pictures are read and cut once.
std::pair<ScoredPrompt, ScoredPrompt> scored_prompts(const RewardModel& model, const PairsLine& line) {
  const PictureAccess access{.root = line.root.string(), .restrict_to_root = true};
  const Conversation chosen = parse_conversation(answered_request(line.parsed, line.parsed.chosen), access, line.where);
  Conversation rejected = chosen;
  rejected.messages.back().parts = {{.text = line.parsed.rejected}};
  ScoredPrompt better = render_scored(model.renderer(), chosen);
  ScoredPrompt worse = render_scored(model.renderer(), rejected, Pixels::left_out);
  worse.prompt.pixels = better.prompt.pixels;
  return {std::move(better), std::move(worse)};
}

std::vector<PairScores> score_block(const RewardModel& model, std::span<const PairsLine> block) {
  std::vector<PairScores> scores(block.size());
  std::vector<ScoredPrompt> prompts;
  std::vector<size_t> asked;
  for (size_t i = 0; i < block.size(); ++i) {
    try {
      auto [chosen, rejected] = scored_prompts(model, block[i]);
      prompts.push_back(std::move(chosen));
      prompts.push_back(std::move(rejected));
      asked.push_back(i);
    } catch (const InputError& error) {
      scores[i].error = error.what();
    }
  }
  const auto score_some = [&](size_t first, size_t count) {
    const std::vector<double> found = model.score(std::span(prompts).subspan(2 * first, 2 * count));
    for (size_t k = 0; k < count; ++k) scores[asked[first + k]] = {found[2 * k], found[2 * k + 1], ""};
  };
  try {
    score_some(0, asked.size());
  } catch (const InputError&) {  // one of them: each by itself, so that the others are unharmed
    for (size_t k = 0; k < asked.size(); ++k) {
      try {
        score_some(k, 1);
      } catch (const InputError& error) {
        scores[asked[k]].error = error.what();
      }
    }
  }
  return scores;
}

bool count_and_keep(const PairScores& scores, const PairsFilterOptions& options, PairsFilterCounts& counts) {
  const double margin = scores.chosen - scores.rejected;
  counts.mean_margin += margin;
  counts.agreed += margin > 0 ? 1 : 0;
  const bool low_chosen = options.min_chosen && scores.chosen < *options.min_chosen;
  const bool low_margin = options.min_margin && margin < *options.min_margin;
  counts.low_chosen += low_chosen ? 1 : 0;
  counts.low_margin += low_margin ? 1 : 0;
  return !low_chosen && !low_margin;
}

}  // namespace

PairScorer reward_scorer(const RewardModel& model) {
  return [&model](std::span<const PairsLine> block) { return score_block(model, block); };
}

std::string PairsFilterCounts::text() const {
  char margin[32];
  std::snprintf(margin, sizeof margin, "%.3f", mean_margin);
  return cat("pairs ", pairs, ": the model agrees with ", agreed, ", mean margin ", margin, "\nkept ", kept, ", weak ",
             pairs - kept, ": low chosen ", low_chosen, ", low margin ", low_margin,
             " (some are both); bad lines left out ", bad_lines);
}

void for_each_scored(PairsReader& reader, const PairScorer& score,
                     const std::function<void(PairsLine& line, const PairScores& scores)>& visit) {
  for (auto block = reader.next(kBlock); !block.empty(); block = reader.next(kBlock)) {
    const std::vector<PairScores> scores = score(block);
    R1V_CHECK(scores.size() == block.size(), "scores of every pair");
    for (size_t i = 0; i < block.size(); ++i) {
      if (scores[i].error.empty()) {
        visit(block[i], scores[i]);
      } else {
        reader.refuse(block[i], scores[i].error);
      }
    }
  }
}

PairsFilterCounts filter_pairs(const PairsFilterOptions& options, const PairScorer& score) {
  if (!options.min_chosen && !options.min_margin) throw InputError("give --min-chosen, --min-margin or both");
  if (!options.weak.empty() &&
      std::filesystem::weakly_canonical(options.weak) == std::filesystem::weakly_canonical(options.files.out)) {
    throw InputError(cat("--weak and --out are one file, ", options.weak.string(), "; name two"));
  }
  PairsReader reader(options.files);
  LinesWriter kept(options.files.out);
  std::optional<LinesWriter> weak;
  if (!options.weak.empty()) weak.emplace(options.weak);
  PairsFilterCounts counts;
  for_each_scored(reader, score, [&](PairsLine& line, const PairScores& scores) {
    line.json["chosen_score"] = scores.chosen;
    line.json["rejected_score"] = scores.rejected;
    if (count_and_keep(scores, options, counts)) {
      write_pair(kept, options.files, line);
    } else if (weak) {
      write_pair(*weak, options.files, line);
    }
  });
  reader.expect_some(reader.good(), "could be scored");
  kept.finish();
  if (weak) weak->finish();
  counts.pairs = reader.good();
  counts.bad_lines = reader.bad();
  counts.kept = kept.count();
  if (counts.pairs > 0) counts.mean_margin /= static_cast<double>(counts.pairs);
  return counts;
}

}  // namespace r1v

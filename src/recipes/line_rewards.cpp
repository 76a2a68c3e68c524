// Four sources of rewards; what costs time is kept on disk.
#include "recipes/line_rewards.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "engine/reward_model.h"
#include "io/jsonl.h"
#include "kernels/packed_weight.h"
#include "models/packed_language.h"
#include "prompt/scored.h"
#include "recipes/answer_scores.h"
#include "recipes/growing_lines.h"
#include "recipes/ratings.h"
#include "tensor/dtype.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

constexpr double kBest = 5;
constexpr size_t kBlock = 64;

double checked(double reward, const std::string& where) {
  if (reward >= 0 && reward <= kBest) return reward;
  throw InputError(cat(where, ": found the reward ", reward, ", expected 0 to ", kBest));
}

/// Calls `rate` for every line; what it refuses stops the work or is counted.
template <typename Rate>  // TaskLine -> double
LineRewards each_line(const TaskLines& lines, bool skip_bad, const Rate& rate) {
  LineRewards rewards;
  for (const int64_t index : lines.indexes()) {
    const TaskLine line = lines.line(index);
    try {
      rewards.by_index[index] = rate(line);
    } catch (const InputError&) {
      if (!skip_bad) throw;
      ++rewards.unrated;
    }
  }
  return rewards;
}

double said_by_line(const TaskLine& line) {
  if (!line.json.contains("reward")) {
    throw InputError(cat(line.where, ": has no \"reward\" from 0 to 5; give lines one, or choose another --rewards"));
  }
  return checked(json_number(line.json, "reward", line.where), line.where);
}

LineRewards from_file(const TaskLines& lines, const fs::path& file, bool skip_bad) {
  std::map<std::string, double> scores;
  for_each_json_line(file, [&](const Json& json, int64_t number) {
    const std::string where = cat(file.string(), " line ", number);
    if (!json.is_object()) throw InputError(cat(where, ": found ", json.type_name(), ", expected an object"));
    const Json& id = json_at(json, "id", where);
    const std::string name = id.is_number() ? dump_json(id) : json_string(json, "id", where);
    if (json.contains("error")) return;  // `r1v score` refused the line: it stays unrated
    if (!scores.emplace(name, checked(json_number(json, "score", where), where)).second) {
      throw InputError(cat(where, ": the id ", printable(name), " is there twice"));
    }
  });
  return each_line(lines, skip_bad, [&](const TaskLine& line) {
    const auto found = scores.find(line.id);
    if (found != scores.end()) return found->second;
    throw InputError(cat(line.where, ": ", file.string(), " has no score of its id ", printable(line.id)));
  });
}

/// Asks `rate` for blocks of lines that `ratings` does not have yet (or has an error of: it may pass).
template <typename Rate>  // vector<TaskLine> -> vector<Rating>
bool rate_in_blocks(const TaskLines& lines, GrowingLines& ratings, bool skip_bad, const std::atomic<bool>& stop,
                    const Rate& rate) {
  std::vector<TaskLine> block;
  const auto finish_block = [&] {
    const std::vector<Rating> said = rate(block);
    R1V_CHECK(said.size() == block.size(), "a rating a line");
    std::string first_error;
    for (size_t i = 0; i < block.size(); ++i) {
      if (said[i].value) {
        ratings.add(block[i].index, {{"id", block[i].id}, {"score", *said[i].value}});
        continue;
      }
      const std::string& error = said[i].error;
      const std::string placed = error.starts_with(block[i].where) ? error : cat(block[i].where, ": ", error);
      if (first_error.empty()) first_error = placed;
      if (skip_bad) ratings.add(block[i].index, {{"id", block[i].id}, {"error", placed}});
    }
    if (!skip_bad && !first_error.empty()) throw InputError(first_error);  // with the good ones of the block on disk
    block.clear();
  };
  for (const int64_t index : lines.indexes()) {
    if (stop) return false;
    if (ratings.has(index) && !ratings.at(index).contains("error")) continue;
    block.push_back(lines.line(index));
    if (block.size() == kBlock) finish_block();
  }
  if (!block.empty()) finish_block();
  return true;
}

std::vector<Rating> scores_of(const RewardModel& model, const std::vector<TaskLine>& block) {
  std::vector<Rating> ratings;
  for (const TaskLine& line : block) {
    Rating& rating = ratings.emplace_back();
    try {
      if (line.solution.empty()) throw InputError("has no solution that a reward model could score");
      const PictureAccess access{.root = line.root.string(), .restrict_to_root = true};
      const PreferenceLine question{.request = line.request};
      const ScoredPrompt prompt = render_scored(
          model.renderer(), parse_conversation(answered_request(question, line.solution), access, line.where));
      rating.value = model.score(std::span(&prompt, 1)).front();
    } catch (const InputError& error) {
      rating.error = error.what();
    }
  }
  return ratings;
}

std::unique_ptr<RewardModel> open_scorer(const fs::path& folder, const std::string& dtype) {
  LoadOptions load{.dtype = compute_dtype(dtype)};
  if (PackedLanguage::fits(read_model_config(folder).language)) {
    load.packed = load.dtype == at::kBFloat16 ? WeightFormat::bfloat16 : WeightFormat::float32;
  }
  return std::make_unique<RewardModel>(folder, load);
}

LineRewards collect(const TaskLines& lines, const GrowingLines& ratings, bool in_sixths) {
  LineRewards rewards;
  std::vector<int64_t> indexes;
  std::vector<double> scores;
  for (const int64_t index : lines.indexes()) {
    const Json& rating = ratings.at(index);
    if (rating.contains("error")) {
      ++rewards.unrated;
      continue;
    }
    indexes.push_back(index);
    scores.push_back(json_number(rating, "score", ratings.where(index)));
  }
  if (in_sixths) scores = sixths(scores);
  for (size_t i = 0; i < indexes.size(); ++i) rewards.by_index[indexes[i]] = scores[i];
  return rewards;
}

}  // namespace

void check_line_rewards(const LineRewardOptions& options) {
  constexpr std::array kChoices = {"line", "scores", "reward-model", "judge"};
  if (std::ranges::find(kChoices, options.rewards) == kChoices.end()) {
    throw InputError(
        cat("--rewards: found \"", printable(options.rewards), "\", expected line, scores, reward-model or judge"));
  }
  if ((options.rewards == "scores") == options.scores.empty()) {
    throw InputError("--rewards scores and --scores FILE belong together; give both or neither");
  }
  if ((options.rewards == "reward-model") == options.reward_model.empty()) {
    throw InputError("--rewards reward-model and --reward-model DIR belong together; give both or neither");
  }
}

std::vector<double> sixths(std::span<const double> scores) {
  std::vector<double> sorted(scores.begin(), scores.end());
  std::ranges::sort(sorted);
  std::vector<double> parts;
  for (const double score : scores) {
    const auto lower = std::ranges::lower_bound(sorted, score) - sorted.begin();
    parts.push_back(static_cast<double>(6 * lower / std::ssize(sorted)));
  }
  return parts;
}

std::optional<LineRewards> rate_lines(const TaskLines& lines, const LineRewardOptions& options, Judge* judge,
                                      const std::string& dtype, bool skip_bad, const fs::path& run,
                                      const std::atomic<bool>& stop) {
  if (options.rewards == "line") return each_line(lines, skip_bad, said_by_line);
  if (options.rewards == "scores") return from_file(lines, options.scores, skip_bad);
  GrowingLines ratings(run / "ratings.jsonl");
  bool is_done = false;
  if (options.rewards == "reward-model") {
    const std::unique_ptr<RewardModel> model = open_scorer(options.reward_model, dtype);
    warn_of_falling_scores(*model, "--rewards reward-model");
    is_done = rate_in_blocks(lines, ratings, skip_bad, stop,
                             [&](const std::vector<TaskLine>& block) { return scores_of(*model, block); });
  } else {
    R1V_CHECK(judge != nullptr, "a judge where lines are rated by one");
    is_done = rate_in_blocks(lines, ratings, skip_bad, stop, [&](const std::vector<TaskLine>& block) {
      return ratings_of(*judge, block, Criterion::sample);
    });
  }
  if (!is_done) return std::nullopt;
  return collect(lines, ratings, options.rewards == "reward-model");
}

}  // namespace r1v

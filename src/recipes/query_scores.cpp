// Blocks of lines: pictures measured, ablation looked up, judge asked; one line of scores.jsonl each.
#include "recipes/query_scores.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "recipes/growing_lines.h"
#include "recipes/line_answers.h"
#include "recipes/ratings.h"
#include "recipes/vtia.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBlock = 64;

/// Of the least clear picture; 0 without pictures.
double least_clarity(const TaskLine& line) {
  const PictureAccess access{.root = line.root.string(), .restrict_to_root = true};
  const Conversation conversation = parse_conversation(line.request, access, line.where);
  double least = conversation.pictures.empty() ? 0 : 10;
  for (const Picture& picture : conversation.pictures) least = std::min(least, clarity(picture));
  return least;
}

class Scoring {
 public:
  Scoring(const TaskLines& lines, const QueryScoreOptions& options, const ScoringWork& work)
      : lines_(lines), options_(options), work_(work), scores_(work.folder / "scores.jsonl") {}

  bool run(const std::atomic<bool>& stop) {
    if (options_.necessity == "ablation" && !ablate(stop)) return false;
    std::vector<TaskLine> block;
    for (const int64_t index : lines_.indexes()) {
      if (stop) return false;
      if (scores_.has(index) && !scores_.at(index).contains("error")) continue;
      block.push_back(lines_.line(index));
      if (block.size() == kBlock) score(block);
    }
    if (!block.empty()) score(block);
    expect_scores();
    return true;
  }

 private:
  /// A judge that is down for all lines is no set of bad lines.
  void expect_scores() const {
    const std::vector<int64_t>& indexes = lines_.indexes();
    if (std::ranges::any_of(indexes, [&](int64_t index) { return !scores_.at(index).contains("error"); })) return;
    throw InputError(cat(json_string(scores_.at(indexes.front()), "error", scores_.where(indexes.front())),
                         "; not one of ", indexes.size(),
                         " lines could be scored; go on with --resume once the judge is mended, or with another --out "
                         "once the lines are"));
  }

  /// Greedy answers of the model to all questions with pictures, with and without them.
  bool ablate(const std::atomic<bool>& stop) {
    std::vector<int64_t> indexes;
    for (const int64_t index : lines_.indexes()) {
      if (lines_.line(index).has_pictures()) indexes.push_back(index);
    }
    for (const bool sees : {true, false}) {
      GrowingLines answers(file_of(sees));
      const AnswerOptions answering{.sampling = {.temperature = 0, .max_tokens = work_.max_completion_length},
                                    .with_pictures = sees,
                                    .skip_bad = work_.skip_bad};
      if (!answer_lines(work_.model, lines_, indexes, answering, answers, stop)) return false;
      (sees ? seeing_ : blind_) = answers.all();
    }
    return true;
  }

  fs::path file_of(bool sees) const { return work_.folder / (sees ? "seeing.jsonl" : "blind.jsonl"); }

  /// The judge's value, or an error with the line's place.
  static double value_of(const Rating& rating, const TaskLine& line) {
    if (rating.value) return *rating.value;
    throw InputError(rating.error.starts_with(line.where) ? rating.error : cat(line.where, ": ", rating.error));
  }

  double ablated(const TaskLine& line) const {
    if (!line.has_pictures()) return 0;
    for (const auto* answers : {&seeing_, &blind_}) {
      const Json& answer = answers->at(line.index);
      if (answer.contains("error")) throw InputError(json_string(answer, "error", line.where));
    }
    return necessity(seeing_.at(line.index), blind_.at(line.index));
  }

  void score(std::vector<TaskLine>& block) {
    std::map<Criterion, std::vector<Rating>> said;
    for (const Criterion criterion : {Criterion::quality, Criterion::difficulty, Criterion::reasoning}) {
      said[criterion] = ratings_of(work_.judge, block, criterion);
    }
    if (options_.necessity == "judge") {
      said[Criterion::necessity] = ratings_of(work_.judge, block, Criterion::necessity);
    }
    if (options_.integration == "judge") {
      said[Criterion::integration] = ratings_of(work_.judge, block, Criterion::integration);
    }
    std::string first_error;
    for (size_t i = 0; i < block.size(); ++i) {
      try {
        write(block[i], scores_of(block[i], said, i));
      } catch (const InputError& error) {
        if (first_error.empty()) first_error = error.what();
        if (work_.skip_bad) scores_.add(block[i].index, {{"id", block[i].id}, {"error", error.what()}});
      }
    }
    if (!work_.skip_bad && !first_error.empty()) throw InputError(first_error);  // with the good ones on disk
    block.clear();
  }

  QueryScores scores_of(const TaskLine& line, const std::map<Criterion, std::vector<Rating>>& said, size_t i) const {
    const auto judged = [&](Criterion criterion) { return value_of(said.at(criterion)[i], line); };
    QueryScores scores{.clarity = least_clarity(line),
                       .quality = judged(Criterion::quality),
                       .difficulty = judged(Criterion::difficulty),
                       .reasoning = judged(Criterion::reasoning)};
    if (options_.necessity == "ablation") scores.necessity = ablated(line);
    if (options_.necessity == "judge") scores.necessity = judged(Criterion::necessity);
    scores.integration = options_.integration == "judge" ? judged(Criterion::integration)
                                                         : integration_score(find_patterns(line.question_text()));
    return scores;
  }

  void write(const TaskLine& line, const QueryScores& scores) {
    scores_.add(line.index, {{"id", line.id},
                             {"clarity", scores.clarity},
                             {"necessity", scores.necessity ? Json(*scores.necessity) : Json()},
                             {"quality", scores.quality},
                             {"difficulty", scores.difficulty},
                             {"reasoning", scores.reasoning},
                             {"integration", scores.integration}});
  }

  const TaskLines& lines_;
  const QueryScoreOptions& options_;
  const ScoringWork& work_;
  GrowingLines scores_;
  std::map<int64_t, Json> seeing_, blind_;
};

QueryScores read_scores(const Json& json, const std::string& where) {
  QueryScores scores{.clarity = json_number(json, "clarity", where),
                     .quality = json_number(json, "quality", where),
                     .difficulty = json_number(json, "difficulty", where),
                     .reasoning = json_number(json, "reasoning", where),
                     .integration = json_number(json, "integration", where)};
  if (!json_at(json, "necessity", where).is_null()) scores.necessity = json_number(json, "necessity", where);
  return scores;
}

}  // namespace

void check_query_scores(const QueryScoreOptions& options) {
  if (options.necessity != "ablation" && options.necessity != "judge" && options.necessity != "off") {
    throw InputError(cat("--necessity: found \"", printable(options.necessity), "\", expected ablation, judge or off"));
  }
  if (options.integration != "patterns" && options.integration != "judge") {
    throw InputError(cat("--integration: found \"", printable(options.integration), "\", expected patterns or judge"));
  }
  const PenaltyRule& rule = options.rule;
  if (!(rule.alpha >= 0) || !(rule.beta >= 0) || !(rule.gamma >= 0)) {
    throw InputError(cat("--alpha, --beta and --gamma: found ", rule.alpha, ", ", rule.beta, " and ", rule.gamma,
                         ", expected at least 0 each"));
  }
}

bool score_queries(const TaskLines& lines, const QueryScoreOptions& options, const ScoringWork& work,
                   const std::atomic<bool>& stop) {
  return Scoring(lines, options, work).run(stop);
}

Json QueryPenalty::json() const {
  return {{"S_v", visual}, {"S_t", textual}, {"S_I", integration}, {"penalty", penalty}};
}

std::map<int64_t, QueryPenalty> penalties_of(const TaskLines& lines, const fs::path& folder, const PenaltyRule& rule) {
  const GrowingLines scores(folder / "scores.jsonl");
  std::map<int64_t, QueryPenalty> penalties;
  std::vector<double> visual, textual, integration;
  for (const int64_t index : lines.indexes()) {
    if (scores.at(index).contains("error")) continue;
    QueryPenalty& one = penalties[index];
    one.scores = read_scores(scores.at(index), scores.where(index));
    visual.push_back(one.scores.visual());
    textual.push_back(one.scores.textual());
    integration.push_back(one.scores.integration);
  }
  const std::vector<double> v = min_max(visual), t = min_max(textual), i = min_max(integration);
  size_t k = 0;
  for (auto& [index, one] : penalties) {
    one.visual = v[k];
    one.textual = t[k];
    one.integration = i[k++];
    one.penalty = length_penalty(one.visual, one.textual, one.integration, rule);
  }
  return penalties;
}

}  // namespace r1v

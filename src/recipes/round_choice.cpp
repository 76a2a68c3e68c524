// Two sets and their union.
#include "recipes/round_choice.h"

#include "base/error.h"
#include "recipes/pairs_lines.h"

namespace r1v {

RoundChoice choose_lines(const TaskLines& lines, const LineRewards& rewards, const GrowingLines& answers,
                         const ChoiceRule& rule) {
  RoundChoice choice{.threshold = rule.threshold};
  for (const int64_t index : lines.indexes()) {
    ++choice.all;
    const auto reward = rewards.by_index.find(index);
    const Json& answer = answers.at(index);
    ChosenLine line{.index = index};
    if (reward == rewards.by_index.end()) {
      ++choice.unrated;
    } else {
      line.is_worth = reward->second >= rule.threshold;
    }
    if (answer.contains("error")) {
      ++choice.refused;
    } else if (answer.at("correct").is_null()) {
      ++choice.undecided;
    } else {
      line.is_error = rule.takes_errors && !answer.at("correct").get<bool>();
    }
    choice.worth += line.is_worth ? 1 : 0;
    choice.errors += line.is_error ? 1 : 0;
    choice.both += line.is_worth && line.is_error ? 1 : 0;
    if (!line.is_worth && !line.is_error) continue;
    if (rule.distilled != nullptr && !rule.distilled->contains(index)) {
      ++choice.without_chain;
    } else {
      choice.lines.push_back(line);
    }
  }
  return choice;
}

Json RoundChoice::summary() const {
  return {{"threshold", threshold}, {"lines", all},       {"worth", worth},         {"errors", errors},  {"both", both},
          {"chosen", lines.size()}, {"unrated", unrated}, {"undecided", undecided}, {"refused", refused}};
}

std::string RoundChoice::text() const {
  return cat("learns ", lines.size(), " of ", all, " lines: ", worth, " worth ", threshold, " or more, ", errors,
             " answered wrong (", both, " are both), ", without_chain, " of these without a chain; ", unrated,
             " without reward, ", undecided, " answers undecided, ", refused, " questions refused");
}

void write_lines(const RoundChoice& choice, const TaskLines& lines, const ChoiceRule& rule,
                 const std::filesystem::path& folder) {
  LinesWriter chosen(folder / "chosen.jsonl"), train(folder / "train.jsonl");
  for (const ChosenLine& one : choice.lines) {
    const TaskLine line = lines.line(one.index);
    if (rule.distilled == nullptr && line.solution.empty()) {
      throw InputError(cat(line.where, ": a question without a solution cannot be learnt; --distill on writes some"));
    }
    chosen.write({{"index", one.index}, {"id", line.id}, {"worth", one.is_worth}, {"error", one.is_error}});
    train.write(rule.distilled != nullptr ? rule.distilled->at(one.index) : lines.moved(line));
  }
  chosen.finish();
  train.finish();
}

}  // namespace r1v

// Equal answers are found by the verifier, so that 1/2 and 0.5 are one voice each for the same answer.
#include "verify/elect.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace r1v {
namespace {

struct Group {
  std::string answer;  // of its first member
  double voices = 0.0;
  std::vector<size_t> members;
};

std::vector<double> weights(std::span<const Candidate> candidates, ElectionRule rule) {
  std::vector<double> out(candidates.size(), 1.0);
  if (rule != ElectionRule::weighted) return out;
  double highest = *candidates.front().score;
  for (const Candidate& candidate : candidates) highest = std::max(highest, *candidate.score);
  for (size_t i = 0; i < out.size(); ++i) out[i] = std::exp(*candidates[i].score - highest);
  return out;
}

bool is_better(const Candidate& a, const Candidate& b) { return a.score && b.score && *a.score > *b.score; }

size_t best_of(std::span<const Candidate> candidates, const std::vector<size_t>& members) {
  size_t best = members.front();
  for (const size_t member : members) {
    if (is_better(candidates[member], candidates[best])) best = member;
  }
  return best;
}

}  // namespace

ElectionRule election_rule(std::string_view name) {
  if (name == "judge") return ElectionRule::judge;
  if (name == "vote") return ElectionRule::vote;
  if (name == "weighted") return ElectionRule::weighted;
  throw InputError(cat("found \"", printable(std::string(name)), "\", expected judge, vote or weighted"));
}

const char* election_rule_name(ElectionRule rule) {
  switch (rule) {
    case ElectionRule::judge:
      return "judge";
    case ElectionRule::vote:
      return "vote";
    case ElectionRule::weighted:
      return "weighted";
  }
  return "";
}

std::vector<size_t> places_to_judge(std::span<const Candidate> candidates) {
  std::vector<size_t> places;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].text.find_first_not_of(" \t\r\n") != std::string::npos) places.push_back(i);
  }
  return places;
}

void put_scores(const std::vector<size_t>& places, const std::vector<double>& scores, std::span<Candidate> candidates) {
  R1V_CHECK(places.size() == scores.size(), scores.size(), " scores of ", places.size(), " answers");
  const double lowest = scores.empty() ? 0.0 : *std::ranges::min_element(scores);
  for (Candidate& candidate : candidates) candidate.score = lowest - 1.0;
  for (size_t i = 0; i < places.size(); ++i) candidates[places[i]].score = scores[i];
}

size_t elect(std::span<const Candidate> candidates, ElectionRule rule, AnswerKind kind) {
  R1V_CHECK(!candidates.empty(), "an election without candidates");
  if (rule != ElectionRule::vote) {
    for (const Candidate& candidate : candidates) R1V_CHECK(candidate.score, "a candidate without score");
  }
  std::vector<size_t> all(candidates.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = i;
  if (rule == ElectionRule::judge) return best_of(candidates, all);
  const std::vector<double> weight = weights(candidates, rule);
  std::vector<Group> groups;
  for (const size_t i : all) {
    const std::string answer = extract_answer(candidates[i].text);
    if (answer.empty()) continue;
    const auto same = std::ranges::find_if(
        groups, [&](const Group& group) { return verify_answer(group.answer, answer, kind).correct.value_or(false); });
    Group& group = same == groups.end() ? groups.emplace_back(Group{.answer = answer}) : *same;
    group.voices += weight[i];
    group.members.push_back(i);
  }
  if (groups.empty()) return best_of(candidates, all);
  return best_of(candidates, std::ranges::max_element(groups, {}, &Group::voices)->members);
}

}  // namespace r1v

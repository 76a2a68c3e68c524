// Which of several answers to one question is taken: the best judged, or what most of them say.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "verify/verify.h"

namespace r1v {

struct Candidate {
  std::string text;             // a whole model output
  std::optional<double> score;  // a reward model's word
};

/// judge      the highest score.
/// vote       the final answer that most candidates give (Wang et al., 2022, arXiv 2203.11171); candidates without one
///            have no voice; ties go to the group whose first member came first.
/// weighted   the same, voices weighing softmax(scores): right only where many well-judged candidates agree.
/// Both votes take the best judged member of the winning group, the first where there are no scores.
enum class ElectionRule { judge, vote, weighted };

/// "judge", "vote", "weighted". throws InputError for other names.
ElectionRule election_rule(std::string_view name);
const char* election_rule_name(ElectionRule rule);

/// The places of candidates that say anything: a judge reads no others.
std::vector<size_t> places_to_judge(std::span<const Candidate> candidates);

/// Puts scores[i] beside candidates[places[i]]; all others get one less than the lowest of them (-1 where there are
/// none).
void put_scores(const std::vector<size_t>& places, const std::vector<double>& scores, std::span<Candidate> candidates);

/// The place of the winner. throws R1V_CHECK without candidates, or when judge or weighted meets one without score.
size_t elect(std::span<const Candidate> candidates, ElectionRule rule, AnswerKind kind = AnswerKind::any);

}  // namespace r1v

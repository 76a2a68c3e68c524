// A table of beginnings and ends of names.
#include "report/curve_kind.h"

#include <array>

namespace r1v {
namespace {

enum class Part { beginning, end };

struct Rule {
  Part part;
  std::string_view text;
  CurveKind kind;
};

constexpr CurveKind kReward{0, "Reward", Better::unknown}, kLength{1, "Length", Better::unknown},
    kExploration{2, "Exploration", Better::unknown}, kOptimizer{4, "Optimizer", Better::unknown},
    kSpeed{5, "Speed and size", Better::unknown}, kOther{6, "Others", Better::unknown};
constexpr std::string_view kEvalGroup = "Evaluation";
constexpr int kEvalRank = 3;

constexpr CurveKind with(CurveKind kind, Better better) { return {kind.rank, kind.group, better}; }

// The first that fits.
constexpr std::array kRules = {
    Rule{Part::beginning, "reward_std", kReward},
    Rule{Part::beginning, "reward", with(kReward, Better::higher)},
    Rule{Part::beginning, "accuracy", with(kReward, Better::higher)},
    Rule{Part::beginning, "format", with(kReward, Better::higher)},
    Rule{Part::beginning, "model_reward", with(kReward, Better::higher)},
    Rule{Part::beginning, "margin", with(kReward, Better::higher)},
    Rule{Part::beginning, "overlong", with(kReward, Better::higher)},
    Rule{Part::beginning, "undecided", with(kReward, Better::lower)},
    Rule{Part::beginning, "chosen", kReward},
    Rule{Part::beginning, "rejected", kReward},
    Rule{Part::beginning, "completion_tokens", kLength},
    Rule{Part::beginning, "truncated", with(kLength, Better::lower)},
    Rule{Part::beginning, "entropy", kExploration},
    Rule{Part::beginning, "critical", kExploration},
    Rule{Part::beginning, "effective_share", with(kExploration, Better::higher)},
    Rule{Part::beginning, "buffer", kExploration},
    Rule{Part::beginning, "kl", kExploration},
    Rule{Part::beginning, "clip", kExploration},
    Rule{Part::beginning, "ratio", kExploration},
    Rule{Part::beginning, "logprob_difference", with(kExploration, Better::lower)},
    Rule{Part::beginning, "loss", with(kOptimizer, Better::lower)},
    Rule{Part::end, "loss", with(kOptimizer, Better::lower)},
    Rule{Part::beginning, "grad_norm", kOptimizer},
    Rule{Part::end, "learning_rate", kOptimizer},
    Rule{Part::beginning, "updates", kOptimizer},
    Rule{Part::beginning, "epoch", kOptimizer},
    Rule{Part::beginning, "delta", kOptimizer},
    Rule{Part::end, "_per_s", with(kSpeed, Better::higher)},
    Rule{Part::end, "_s", with(kSpeed, Better::lower)},
    Rule{Part::beginning, "tokens", kSpeed},
    Rule{Part::beginning, "pairs", kSpeed},
};

CurveKind known_kind(std::string_view name) {
  for (const Rule& rule : kRules) {
    const bool fits = rule.part == Part::beginning ? name.starts_with(rule.text) : name.ends_with(rule.text);
    if (fits) return rule.kind;
  }
  return kOther;
}

}  // namespace

CurveKind curve_kind(std::string_view name) {
  constexpr std::string_view kEval = "eval_";
  if (!name.starts_with(kEval)) return known_kind(name);
  return {kEvalRank, kEvalGroup, known_kind(name.substr(kEval.size())).better};
}

}  // namespace r1v

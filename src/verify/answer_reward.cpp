// Three parts, each with its reason; the sum is plain.
#include "verify/answer_reward.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "verify/clean.h"

namespace r1v {
namespace {

constexpr std::string_view kOpen = "<think>", kClose = "</think>", kBox = "\\boxed";

size_t count(std::string_view text, std::string_view part) {
  size_t number = 0;
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++number;
  return number;
}

std::string_view without_leading_space(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

// What the answer behind the thought lacks; empty when nothing.
std::string problem_of_answer(std::string_view answer) {
  const size_t num_boxes = count(answer, kBox);
  if (num_boxes == 0) return "the answer has no \\boxed{}";
  if (num_boxes > 1) return cat("the answer has ", num_boxes, " \\boxed{}, expected one");
  size_t open = answer.find(kBox) + kBox.size();
  while (open < answer.size() && answer[open] == ' ') ++open;
  if (open >= answer.size() || answer[open] != '{') return "the \\boxed has no braces";
  const size_t behind = closing_brace(answer, open);
  if (behind == std::string_view::npos) return "the \\boxed{ is never closed";
  const std::string_view inside = trim_answer(answer.substr(open + 1, behind - open - 2));
  if (inside.empty()) return "the \\boxed{} is empty";
  // The prompt shows these words where the answer belongs; copying the prompt is no answer.
  for (const std::string_view placeholder : {"LETTER", "FINAL_ANSWER", "FINAL\\_ANSWER"}) {
    if (inside == placeholder) return cat("the box holds the prompt's placeholder ", placeholder);
  }
  return "";
}

std::string problem_of_format(std::string_view output, bool starts_in_thought) {
  const std::string_view text = without_leading_space(output);
  const bool is_opened = text.starts_with(kOpen);
  if (!is_opened && !starts_in_thought) return "the output does not begin with <think>";
  const size_t num_opened = count(text, kOpen), num_closed = count(text, kClose);
  if (num_opened > (is_opened ? 1 : 0)) return "a <think> stands inside the output";
  if (num_closed == 0) return "the thought is never closed";
  if (num_closed > 1) return cat("the thought is closed ", num_closed, " times");
  return problem_of_answer(text.substr(text.find(kClose) + kClose.size()));
}

const char* scale_name(ModelScale scale) {
  return scale == ModelScale::raw ? "raw" : scale == ModelScale::clip ? "clip" : "sigmoid";
}

double scaled(double score, const RewardWeights& weights) {
  switch (weights.scale) {
    case ModelScale::raw:
      return score;
    case ModelScale::clip:
      return std::clamp(score / weights.scale_width, -1.0, 1.0);
    case ModelScale::sigmoid:
      return 1 / (1 + std::exp(-score / weights.scale_width));
  }
  R1V_CHECK(false, "a model scale without a case");
}

void add_model(AnswerReward& reward, std::optional<double> score, const RewardWeights& weights) {
  if (!score) {
    if (weights.model != 0)
      throw InputError(
          "the reward model has a weight but no score was given; give it (verify: --model-score), or the weight 0");
    reward.model_reason = "no reward model";
    return;
  }
  if (!std::isfinite(*score)) throw InputError(cat("the reward model gave ", *score, ", expected a finite score"));
  if (weights.scale_width <= 0) {
    throw InputError(
        cat("found a scale width of ", weights.scale_width, " for the reward model, expected one above 0"));
  }
  reward.model_raw = *score;
  reward.model = scaled(*score, weights);
  reward.model_reason = cat("score ", *score, ", ", scale_name(weights.scale));
  if (weights.scale != ModelScale::raw) reward.model_reason += cat(" of width ", weights.scale_width);
  reward.total += weights.model * *reward.model;
}

}  // namespace

RewardWeights reward_weights(std::string_view preset) {
  if (preset == "r1v1") return {.accuracy = 1, .format = 1, .model = 0};
  if (preset == "r1v2") return {.accuracy = 1, .format = 1, .model = 1};
  if (preset == "r1v3") return {.accuracy = 0.8, .format = 0.2, .model = 0};
  throw InputError(cat("reward preset \"", printable(preset), "\", expected r1v1, r1v2 or r1v3"));
}

ModelScale model_scale(std::string_view name) {
  for (const ModelScale scale : {ModelScale::raw, ModelScale::clip, ModelScale::sigmoid}) {
    if (name == scale_name(scale)) return scale;
  }
  throw InputError(cat("scale of the reward model \"", printable(name), "\", expected raw, clip or sigmoid"));
}

FormatVerdict check_format(std::string_view output, bool starts_in_thought) {
  std::string problem = problem_of_format(output, starts_in_thought);
  if (!problem.empty()) return {false, std::move(problem)};
  return {true, "one thought, then one box"};
}

AnswerReward answer_reward(std::string_view gold, std::string_view output, AnswerKind kind,
                           const RewardWeights& weights, std::optional<double> model_score) {
  AnswerReward reward;
  if (weights.starts_in_thought && output.find(kClose) == std::string_view::npos) {
    reward.accuracy = 0;
    reward.accuracy_reason = "the thinking never ends";
  } else {
    Verdict verdict = verify_answer(gold, output, kind);
    if (verdict.correct) reward.accuracy = *verdict.correct ? 1 : 0;
    reward.extracted = std::move(verdict.extracted);
    reward.accuracy_reason = std::move(verdict.reason);
  }
  FormatVerdict format = check_format(output, weights.starts_in_thought);
  reward.format = format.is_good ? 1 : 0;
  reward.format_reason = std::move(format.reason);
  reward.total = weights.accuracy * reward.accuracy.value_or(0) + weights.format * reward.format;
  add_model(reward, model_score, weights);
  return reward;
}

}  // namespace r1v

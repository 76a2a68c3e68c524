// Means, and lines that a person reads.
#include "recipes/rollout_log.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "train/advantage.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

struct Mean {
  double sum = 0;
  int64_t count = 0;
  void add(double value) {
    sum += value;
    ++count;
  }
};

Json optional_number(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json sample_line(int64_t step, const Question& question, const RolloutSample& sample) {
  const AnswerReward& reward = sample.reward;
  return {{"step", step},
          {"id", question.id},
          {"question", question.prompt.text},
          {"images", question.conversation.picture_names},
          {"text", sample.text},
          {"answer", question.answer},
          {"extracted", reward.extracted},
          {"reward", optional_number(sample.worth())},
          {"accuracy", optional_number(reward.accuracy)},
          {"accuracy_reason", reward.accuracy_reason},
          {"format", reward.format},
          {"format_reason", reward.format_reason},
          {"model", optional_number(reward.model)},
          {"model_raw", optional_number(reward.model_raw)},
          {"model_reason", reward.model_reason},
          {"overlong", sample.overlong},
          {"advantage", sample.advantage},
          {"length", sample.ids.size()},
          {"truncated", sample.is_truncated}};
}

void drop_later_lines(const fs::path& path, int64_t step) {
  if (!fs::exists(path)) return;
  const std::string text = read_file(path);
  std::string kept;
  size_t begin = 0;
  for (size_t end = text.find('\n'); end != std::string::npos; begin = end + 1, end = text.find('\n', begin)) {
    const std::string line = text.substr(begin, end - begin);
    if (json_int(parse_json(line, path.string()), "step", path.string()) <= step) kept += line + "\n";
  }
  write_file_atomic(path, kept);
}

}  // namespace

Json rollout_figures(const std::vector<RolloutGroup>& groups) {
  Mean worth, deviation, accuracy, format, model, model_raw, overlong, tokens, truncated;
  int64_t undecided = 0;
  for (const RolloutGroup& group : groups) {
    std::vector<std::optional<double>> worths;
    for (const RolloutSample& sample : group.samples) {
      worths.push_back(sample.worth());
      tokens.add(static_cast<double>(sample.ids.size()));
      truncated.add(sample.is_truncated ? 1 : 0);
      undecided += sample.reward.is_decided() ? 0 : 1;
      if (!sample.reward.is_decided()) continue;
      worth.add(*sample.worth());
      accuracy.add(*sample.reward.accuracy);
      format.add(sample.reward.format);
      overlong.add(sample.overlong);
      if (sample.reward.model) model.add(*sample.reward.model);
      if (sample.reward.model_raw) model_raw.add(*sample.reward.model_raw);
    }
    if (const RewardSpread spread = spread_of(worths); spread.count > 0) deviation.add(spread.deviation);
  }
  Json line = Json::object();
  for (const auto& [name, mean] : {std::pair("reward", worth),
                                   {"reward_std", deviation},
                                   {"accuracy", accuracy},
                                   {"format", format},
                                   {"overlong", overlong},
                                   {"completion_tokens", tokens},
                                   {"truncated", truncated},
                                   {"model_reward", model},
                                   {"model_reward_raw", model_raw}}) {
    if (mean.count > 0) line[name] = mean.sum / static_cast<double>(mean.count);
  }
  line["undecided"] = undecided;
  return line;
}

Json learn_figures(const LearnFigures& figures, bool has_kl) {
  const auto share = [](double sum, int64_t count) { return count == 0 ? 0.0 : sum / static_cast<double>(count); };
  const UpdateFigures& passes = figures.passes;
  const PolicyFigures& policy = figures.policy;
  Json line = {{"loss", share(figures.loss, figures.updates)},
               {"grad_norm", share(figures.norm, figures.updates)},
               {"updates", figures.updates},
               {"clip_low", share(passes.clipped_low, passes.tokens)},
               {"clip_high", share(passes.clipped_high, passes.tokens)},
               {"clip_share", share(passes.clipped_low + passes.clipped_high, passes.tokens)},
               {"ratio_max", passes.ratio_max}};
  if (has_kl) line["kl"] = share(passes.kl, passes.tokens);
  if (policy.tokens > 0) line["entropy"] = share(policy.entropy, policy.tokens);
  if (policy.critical_tokens > 0) line["entropy_critical"] = share(policy.critical_entropy, policy.critical_tokens);
  line["critical_tokens"] = policy.critical_tokens;
  if (policy.compared > 0) {
    line["logprob_difference_max"] = policy.difference_max;
    line["logprob_difference_mean"] = share(policy.difference, policy.compared);
  }
  line["tokens"] = passes.rows;
  return line;
}

RolloutLog::RolloutLog(const fs::path& run, int64_t step) {
  drop_later_lines(run / "samples.jsonl", step);
  out_.open(run / "samples.jsonl", std::ios::app);
  if (!out_) throw InputError(cat(run.string(), ": cannot write samples.jsonl; is the run folder writable?"));
}

void RolloutLog::write(int64_t step, const std::vector<RolloutGroup>& groups, int64_t count) {
  const auto num_groups = static_cast<int64_t>(groups.size());
  for (int64_t i = 0; i < std::min(count, num_groups); ++i) {
    const RolloutGroup& group = groups[static_cast<size_t>(i * num_groups / std::min(count, num_groups))];
    const auto by_advantage = [](const RolloutSample& a, const RolloutSample& b) { return a.advantage < b.advantage; };
    const auto chosen = i % 2 == 0 ? std::ranges::max_element(group.samples, by_advantage)
                                   : std::ranges::min_element(group.samples, by_advantage);
    out_ << dump_json(sample_line(step, group.question, *chosen)) + "\n";
  }
  out_.flush();
}

}  // namespace r1v

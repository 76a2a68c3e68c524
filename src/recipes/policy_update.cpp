// Forward, loss, backward, pass by pass; only a block of logits exists at a time.
#include "recipes/policy_update.h"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "recipes/critical_words.h"

namespace r1v {
namespace {

at::Tensor joined(const std::vector<std::span<const float>>& parts) {
  std::vector<float> values;
  for (const auto& part : parts) values.insert(values.end(), part.begin(), part.end());
  return at::tensor(values, at::kFloat);
}

GrpoBatch batch_of(const LearnSet& set, const SampleList& pass, const at::Tensor& logprobs_R) {
  GrpoBatch batch{.logprobs_R = logprobs_R};
  std::vector<std::span<const float>> old;
  for (const size_t index : pass) {
    const LearnSample& sample = set.samples[index];
    old.push_back(sample.old);
    batch.lengths.push_back(static_cast<int64_t>(sample.ids.size()));
    batch.advantages.push_back(sample.advantage);
    batch.weights.push_back(sample.weight);
  }
  batch.old_R = joined(old);
  return batch;
}

}  // namespace

void UpdateFigures::add(const UpdateFigures& other) {
  loss += other.loss;
  tokens += other.tokens;
  rows += other.rows;
  idle += other.idle;
  kl += other.kl;
  clipped_low += other.clipped_low;
  clipped_high += other.clipped_high;
  ratio_max = std::max(ratio_max, other.ratio_max);
}

UpdateFigures PolicyGradient::run(LearnSet& set, const SampleList& mini_batch, Measure measure) {
  UpdateFigures figures;
  for (const SampleList& pass : cut_into_passes(set, mini_batch, update_.max_groups, update_.max_rows)) {
    figures.add(run_pass(set, pass, measure));
    after_pass_();
  }
  return figures;
}

UpdateFigures PolicyGradient::run_pass(LearnSet& set, const SampleList& pass, Measure measure) {
  const std::vector<AnswerGroup> groups = groups_of_pass(set, pass);
  const at::Tensor ids_R = answer_ids(groups);
  const LogprobEntropy found =
      token_logprobs_entropy(update_.policy.hidden(groups), update_.head, ids_R, update_.temperature);
  GrpoBatch batch = batch_of(set, pass, found.logprobs_R);
  if (update_.loss.beta > 0) batch.reference_R = references(set, pass, groups);
  const GrpoLoss loss = grpo_loss(batch, update_.loss);
  if (measure != Measure::nothing) measure_pass(set, pass, found, measure);
  const bool learns = loss.sum.requires_grad();
  if (learns) loss.sum.backward();
  UpdateFigures figures{.loss = loss.sum.item<double>(),
                        .tokens = ids_R.size(0),
                        .idle = learns ? 0 : std::ssize(pass),
                        .kl = loss.kl,
                        .clipped_low = loss.clipped_low,
                        .clipped_high = loss.clipped_high,
                        .ratio_max = loss.ratio_max};
  for (const AnswerGroup& group : groups) figures.rows += group.rows();
  return figures;
}

at::Tensor PolicyGradient::references(LearnSet& set, const SampleList& pass, std::span<const AnswerGroup> groups) {
  R1V_CHECK(update_.reference != nullptr, "a KL term without a reference");
  const bool is_known = std::ranges::all_of(pass, [&](size_t index) { return !set.samples[index].reference.empty(); });
  if (!is_known) {
    const at::NoGradGuard no_gradients;
    GroupNetwork network{
        .model = *update_.reference, .image_token_id = update_.policy.image_token_id, .dtype = update_.policy.dtype};
    const at::Tensor known_R = token_logprobs(network.hidden(groups), update_.reference->head_weight_VD(),
                                              answer_ids(groups), update_.temperature)
                                   .contiguous();
    const float* next = known_R.const_data_ptr<float>();
    for (const size_t index : pass) {
      LearnSample& sample = set.samples[index];
      sample.reference.assign(next, next + sample.ids.size());
      next += sample.ids.size();
    }
  }
  std::vector<std::span<const float>> parts;
  for (const size_t index : pass) parts.emplace_back(set.samples[index].reference);
  return joined(parts);
}

void PolicyGradient::measure_pass(const LearnSet& set, const SampleList& pass, const LogprobEntropy& found,
                                  Measure measure) {
  const at::Tensor entropy_R = found.entropy_R.detach().to(at::kFloat).contiguous();
  const at::Tensor here_R = found.logprobs_R.detach().contiguous();
  const float *entropy = entropy_R.const_data_ptr<float>(), *here = here_R.const_data_ptr<float>();
  for (const size_t index : pass) {
    const LearnSample& sample = set.samples[index];
    const size_t count = sample.ids.size();
    for (size_t i = 0; i < count && sample.fresh != nullptr; ++i) {
      figures_.entropy += entropy[i];
      ++figures_.tokens;
      if (measure != Measure::entropy_and_difference) continue;
      const double difference = std::abs(static_cast<double>(here[i]) - static_cast<double>(sample.old[i]));
      figures_.difference += difference;
      figures_.difference_max = std::max(figures_.difference_max, difference);
      ++figures_.compared;
    }
    if (sample.fresh != nullptr) {
      const bool starts_thinking = set.prompts[sample.prompt]->starts_thinking;
      for (const int64_t token : critical_tokens(sample.ids, tokenizer_, starts_thinking)) {
        figures_.critical_entropy += entropy[token];
        ++figures_.critical_tokens;
      }
    }
    entropy += count;
    here += count;
  }
}

}  // namespace r1v

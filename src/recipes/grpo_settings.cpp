// Words become settings; what makes no sense is refused with its name.
#include "recipes/grpo_settings.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "base/error.h"
#include "recipes/on_off.h"

namespace r1v {
namespace {

template <typename T>  // a whole number or a real one
void expect_within(const std::string& option, T value, T least, T most) {
  if (value >= least && value <= most) return;
  throw InputError(cat("--", option, ": found ", value, ", expected ", least, " to ", most));
}

/// "0.8,0.2" -> numbers.
std::vector<double> numbers_of(const std::string& option, const std::string& text) {
  std::vector<double> numbers;
  const char *place = text.data(), *const end = place + text.size();
  while (true) {
    double value = 0;
    const auto [rest, error] = std::from_chars(place, end, value);
    const bool ends = rest == end || *rest == ',';
    if (error != std::errc() || !ends || !(value >= 0 && value <= 1e6)) {
      throw InputError(
          cat("--", option, ": found \"", printable(text), "\", expected numbers from 0 with commas between"));
    }
    numbers.push_back(value);
    if (rest == end) return numbers;
    place = rest + 1;
  }
}

RewardWeights weights_of(const GrpoOptions& options) {
  const std::vector<double> numbers = numbers_of("reward-weights", options.reward_weights);
  if (numbers.size() < 2 || numbers.size() > 3) {
    throw InputError(cat("--reward-weights: found ", numbers.size(),
                         " numbers, expected those of accuracy, format and, where there is one, the reward model"));
  }
  const bool has_model = !options.reward_model.empty();
  const double model = numbers.size() == 3 ? numbers[2] : (has_model ? 1.0 : 0.0);
  if (model > 0 && !has_model) {
    throw InputError(cat("--reward-weights ", options.reward_weights,
                         " gives the reward model a weight, but there is none; name one with --reward-model, or set "
                         "the weight to 0 (--reward-weights 1,1,0)"));
  }
  if (numbers[0] + numbers[1] + model <= 0) {
    throw InputError(cat("--reward-weights ", options.reward_weights,
                         ": every reward would be 0 and nothing would be learnt; expected one weight above 0"));
  }
  return {.accuracy = numbers[0],
          .format = numbers[1],
          .model = model,
          .scale = model_scale(options.reward_scale),
          .scale_width = options.reward_scale_width};
}

void check_sampling_options(const GrpoOptions& options) {
  expect_within<int64_t>("num-generations", options.num_generations, 2, kMaxSamples);
  expect_within<int64_t>("max-completion-length", options.max_completion_length, 1, int64_t{1} << 20);
  expect_within<int64_t>("kv-memory", options.kv_memory, 1, int64_t{1} << 24);
  expect_within<int64_t>("max-batch", options.max_batch, 1, 4096);
  expect_within("temperature", options.temperature, 0.001, 100.0);  // 0 would sample the same answer again and again
  check_sampling(sampling_of(options, 0));
}

void check_loss_options(const GrpoOptions& options) {
  expect_within("epsilon", options.epsilon, 0.0, 1.0);
  expect_within("epsilon-high", options.epsilon_high.value_or(0.0), 0.0, 1e6);
  for (const auto& [name, value] : {std::pair("delta", options.delta),
                                    {"log-ratio-limit", options.log_ratio_limit},
                                    {"beta", options.beta},
                                    {"kl-input-limit", options.kl_input_limit},
                                    {"kl-output-limit", options.kl_output_limit},
                                    {"overlong-factor", options.overlong_factor},
                                    {"buffer-alpha", options.buffer_alpha}}) {
    expect_within(name, value, 0.0, 1e6);
  }
  expect_within("advantage-epsilon", options.advantage_epsilon, 0.0, 1.0);
  if (options.delta > 0 && options.delta <= 1 + options.epsilon_high.value_or(options.epsilon)) {
    throw InputError(cat("--delta ", options.delta, ": expected more than 1 + epsilon-high, where clipping begins"));
  }
  if (options.dual_clip != 0) expect_within("dual-clip", options.dual_clip, 1.0, 1e6);
  loss_of(options);
  learn_of(options);
  advantage_of(options);
}

void check_reward_options(const GrpoOptions& options) {
  if (!options.keep_mixed.empty()) {
    if (options.reward_model.empty() && !options.resume) return;
    throw InputError("--keep-mixed asks verify alone, and begins anew; leave --reward-model and --resume out");
  }
  if (weights_of(options).format > 0 && options.no_thinking) {
    throw InputError(cat("--no-thinking with --reward-weights ", options.reward_weights,
                         ": the reward of the format asks for a thought; set its weight to 0 (--reward-weights 1,0)"));
  }
}

}  // namespace

std::string grpo_help(const std::string& name, const std::string& shared) {
  static const std::map<std::string, std::string> kOwn = {
      {"data", "files of questions: JSON lines with an \"answer\", see docs/formats.md"},
      {"eval-data", "the same from another split, answered greedily while training"},
      {"max-steps", "steps, each a rollout and what is learnt from it; 0 = as many as --num-epochs has"},
      {"batch-size",
       "questions a micro-batch, and the most that a pass holds; a step samples this times --gradient-accumulation "
       "times --steps-per-generation questions"},
      {"gradient-accumulation", "micro-batches an optimizer step"},
      {"max-length", "tokens of a question, pictures included; longer ones are left out and counted"},
      {"packing", "off; on is refused"},
      {"initialize", "refused: a policy that knows nothing is never right"},
      {"seed", "order of the questions, draws of the answers and of the sample buffer"},
      {"data-threads", "not used: questions are read while nothing else runs"},
  };
  const auto found = kOwn.find(name);
  return found == kOwn.end() ? shared : found->second;
}

void check_grpo_options(const GrpoOptions& options) {
  check_train_options(options, "train grpo");
  grpo_preset(options.preset);
  check_sampling_options(options);
  check_loss_options(options);
  check_reward_options(options);
  expect_within("reward-scale-width", options.reward_scale_width, 1e-6, 1e6);
  expect_within<int64_t>("num-iterations", options.num_iterations, 1, 1000);
  expect_within<int64_t>("steps-per-generation", options.steps_per_generation, 1, 100000);
  expect_within<int64_t>("pass-tokens", options.pass_tokens, 0, int64_t{1} << 30);
  expect_within<int64_t>("overlong-buffer", options.overlong_buffer, 0, options.max_completion_length);
  expect_within<int64_t>("buffer-capacity", options.buffer_capacity, 0, int64_t{1} << 30);
  expect_within<int64_t>("buffer-max-age", options.buffer_max_age, 1, int64_t{1} << 30);
  expect_within<int64_t>("logged-samples", options.logged_samples, 0, 100000);
  is_on("sample-buffer", options.sample_buffer);
  if (options.initialize)
    throw InputError("train grpo: --initialize gives a policy that knows nothing; name a --model");
  if (options.packing == "on") throw InputError("train grpo: --packing on has no meaning here; leave it off");
}

int64_t questions_a_step(const GrpoOptions& options) {
  return options.batch_size * options.gradient_accumulation * options.steps_per_generation;
}

SamplingParams sampling_of(const GrpoOptions& options, uint64_t seed) {
  return {.temperature = options.temperature,
          .top_k = options.top_k,
          .top_p = options.top_p,
          .min_p = options.min_p,
          .seed = seed,
          .max_tokens = options.max_completion_length,
          .n = options.num_generations};
}

EngineOptions engine_of(const GrpoOptions& options, const SamplingNetwork& sampler) {
  EngineOptions engine;
  engine.max_batch = options.max_batch;
  engine.pass_tokens = std::max(engine.pass_tokens, options.max_batch);
  engine.kv_format = sampler.kv_format();
  engine.kv_memory_bytes = options.kv_memory << 20;
  return engine;
}

QuestionDataOptions questions_of(const GrpoOptions& options, const std::vector<std::filesystem::path>& files) {
  return {.lines = lines_of(options, files),
          .thinking = !options.no_thinking,
          .check = [](const std::string&, const std::string& kind) { answer_kind(kind); }};
}

JudgeRules judge_of(const GrpoOptions& options, const RewardModel* model) {
  return {.weights = weights_of(options),
          .model = model,
          .max_tokens = options.max_completion_length,
          .overlong_buffer = options.overlong_buffer,
          .overlong_factor = options.overlong_factor};
}

AdvantageOptions advantage_of(const GrpoOptions& options) {
  return {.scale = parse_advantage_scale(options.scale_rewards), .epsilon = options.advantage_epsilon};
}

LearnRules learn_of(const GrpoOptions& options) {
  // With a KL term flat samples have a gradient, too.
  const bool skips = is_on("skip-flat", options.skip_flat) && options.beta == 0;
  return {.loss = parse_loss_type(options.loss_type),
          .max_tokens = options.max_completion_length,
          .masks_truncated = is_on("mask-truncated-completions", options.mask_truncated_completions),
          .flat = skips ? FlatSamples::skip : FlatSamples::learn,
          .mini_batches = options.steps_per_generation};
}

GrpoLossOptions loss_of(const GrpoOptions& options) {
  return {.epsilon_low = options.epsilon,
          .epsilon_high = options.epsilon_high.value_or(options.epsilon),
          .delta = options.delta,
          .dual_clip = options.dual_clip,
          .log_ratio_limit = options.log_ratio_limit,
          .level = parse_importance_level(options.importance_sampling_level),
          .beta = options.beta,
          .kl = parse_kl_estimator(options.kl_estimator),
          .kl_input_limit = options.kl_input_limit,
          .kl_output_limit = options.kl_output_limit,
          .kl_times_ratio = is_on("kl-bias-correction", options.kl_bias_correction)};
}

SampleBufferOptions buffer_of(const GrpoOptions& options) {
  if (!is_on("sample-buffer", options.sample_buffer)) return {};
  const int64_t a_step = questions_a_step(options) * options.num_generations;
  return {.capacity = options.buffer_capacity > 0 ? options.buffer_capacity : a_step,
          .alpha = options.buffer_alpha,
          .max_age = options.buffer_max_age};
}

}  // namespace r1v

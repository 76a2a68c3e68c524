// The same work that the peers of bench/README.md do: fixed ids, greedy, no end of sequence.
#include "apps/bench_measures.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "base/clock.h"
#include "base/error.h"
#include "kernels/paged_kv.h"
#include "models/packed_language.h"
#include "models/weight_reader.h"
#include "tensor/dtype.h"

namespace r1v {
namespace {

SamplingParams greedy(int64_t new_tokens, int64_t samples = 1) {
  return {.temperature = 0.0, .max_tokens = new_tokens, .n = samples, .ignore_eos = true};
}

double weight_bytes(R1vModel& model) {
  if (model.packed_language() != nullptr) return static_cast<double>(model.packed_language()->bytes());
  double bytes = 0.0;
  model.walk([&](const std::string& name, at::Tensor& parameter) {
    const bool is_vision =
        name.starts_with("vision_model.") || name.starts_with("mlp1.") || name.starts_with("visual.");
    const bool is_only_looked_up =
        name.ends_with("embed_tokens.weight") && !model.config().language.tie_word_embeddings;
    if (!is_vision && !is_only_looked_up) bytes += static_cast<double>(parameter.nbytes());
  });
  return bytes;
}

PictureGrid tile_grid(const ModelConfig& config, int64_t tiles) {
  const int64_t side = config.force_image_size / config.vision->patch_size;
  return {.frames = tiles, .rows = side, .columns = side};
}

at::Tensor random_tiles(const ModelConfig& config, int64_t tiles, uint64_t seed) {
  at::Generator generator = at::detail::createCPUGenerator(seed);
  const int64_t edge = config.force_image_size;
  return at::empty({tiles, 3, edge, edge}, at::kFloat).normal_(0.0, 1.0, generator);
}

double timed(const auto& work) {
  const double start = monotonic_s();
  work();
  return monotonic_s() - start;
}

/// Bytes of a key's or value's number.
double kv_number_bytes(const OpenModel& model) {
  if (!model.engine.kv_format) return static_cast<double>(model.model->input_options().dtype().itemsize());
  switch (*model.engine.kv_format) {
    case KvFormat::float32:
      return 4.0;
    case KvFormat::bfloat16:
      return 2.0;
    case KvFormat::int8:
      break;
  }
  return 1.0;
}

}  // namespace

ModelMeasures::ModelMeasures(const OpenModel& model, const MachineLimits& limits, WeightFormat format,
                             int64_t repetitions)
    : model_(model),
      limits_(limits),
      format_(format),
      repetitions_(repetitions),
      weight_bytes_(weight_bytes(*model.model)),
      kv_number_bytes_(kv_number_bytes(model)) {}

std::string ModelMeasures::obstacle(const Measure& measure) const {
  const ModelConfig& config = model_.model->config();
  const bool wants_tower = measure.kind == MeasureKind::image || measure.kind == MeasureKind::second_question;
  if (wants_tower && !config.vision) return "this model has no InternViT tower";
  int64_t tokens = measure.number + kNewTokens + 1;
  if (measure.kind == MeasureKind::batch) tokens = 128 + kNewTokens + 1;
  if (measure.kind == MeasureKind::second_question) tokens = config.tokens_per_tile() + kNewTokens;
  if (measure.kind != MeasureKind::image && tokens > config.language.max_position) {
    return cat("it takes ", tokens, " tokens, this model's context holds ", config.language.max_position);
  }
  return "";
}

Figure ModelMeasures::measure(const Measure& measure) const {
  Figure figure;
  switch (measure.kind) {
    case MeasureKind::decode:
      figure = decode(measure.number);
      break;
    case MeasureKind::prefill:
      figure = prefill(measure.number);
      break;
    case MeasureKind::batch:
      figure = batch(measure.number);
      break;
    case MeasureKind::image:
      figure = image(measure.number);
      break;
    case MeasureKind::second_question:
      figure = second_question();
      break;
    default:
      R1V_CHECK(false, measure.name, " is not measured on an open model");
  }
  figure.measure = measure.name;
  return figure;
}

Engine ModelMeasures::engine(int64_t samples) const {
  EngineOptions options = model_.engine;
  options.max_batch = std::max(options.max_batch, samples);
  return Engine(*model_.model, *model_.renderer, options);
}

Prompt ModelMeasures::prompt(int64_t tokens, uint64_t salt) const {
  return {.input_ids = fixed_ids(tokens, model_.model->config().language.vocab_size, salt)};
}

Share ModelMeasures::share(const WorkCost& cost, WeightFormat format, double seconds) const {
  const PeakRate peak = peak_rate(limits_, format);
  const bool is_reading = cost.bytes / limits_.read.median > cost.operations / peak.operations;
  return {.of_limit = least_seconds(cost, limits_, format) / seconds, .limit = is_reading ? "memory read" : peak.name};
}

Figure ModelMeasures::decode(int64_t depth) const {
  Engine engine = this->engine();
  const Prompt asked = prompt(depth, 0);
  engine.generate({.prompt = &asked, .sampling = greedy(3)});  // warm; the prompt may be found again: it is not timed
  Figure figure{.unit = "tok/s"};
  for (int64_t i = 0; i < repetitions_; ++i) {
    // The first token comes from the prompt's last row: one token more than passes.
    const GenerateResult result = engine.generate({.prompt = &asked, .sampling = greedy(kNewTokens + 1)});
    figure.all.push_back(static_cast<double>(kNewTokens) / result.timing.decode_s);
  }
  const double mean_depth = static_cast<double>(depth) + static_cast<double>(kNewTokens) / 2;
  const WorkCost cost = decode_cost(model_.model->config().language, weight_bytes_, kv_number_bytes_, 1, mean_depth);
  const double rate = median(figure.all);
  figure.share = share(cost, format_, 1 / rate);
  figure.extras = {{"weight_mb", weight_bytes_ / 1e6}, {"gb_per_s", cost.bytes * rate / 1e9}};
  return figure;
}

Figure ModelMeasures::prefill(int64_t tokens) const {
  Engine engine = this->engine();
  Figure figure{.unit = "tok/s"};
  for (int64_t i = 0; i <= repetitions_; ++i) {                     // one more, to warm up
    const Prompt asked = prompt(tokens, static_cast<uint64_t>(i));  // new every time: nothing is found again
    const double seconds = timed([&] { engine.generate({.prompt = &asked, .sampling = greedy(1)}); });
    if (i > 0) figure.all.push_back(static_cast<double>(tokens) / seconds);
  }
  const WorkCost cost = prefill_cost(model_.model->config().language, weight_bytes_, tokens);
  const double seconds = static_cast<double>(tokens) / median(figure.all);
  figure.share = share(cost, format_, seconds);
  figure.extras = {{"gflops", cost.operations / seconds / 1e9}};
  return figure;
}

Figure ModelMeasures::batch(int64_t samples) const {
  constexpr int64_t kPromptTokens = 128;
  Engine engine = this->engine(samples);
  const Prompt warm = prompt(kPromptTokens, 0);
  engine.generate({.prompt = &warm, .sampling = greedy(3, samples)});
  Figure figure{.unit = "tok/s"};
  std::vector<double> decode_s;
  for (int64_t i = 0; i < repetitions_; ++i) {
    const Prompt asked = prompt(kPromptTokens, static_cast<uint64_t>(i + 1));
    GenerateResult result;
    const double seconds =
        timed([&] { result = engine.generate({.prompt = &asked, .sampling = greedy(kNewTokens + 1, samples)}); });
    figure.all.push_back(static_cast<double>(samples * kNewTokens) / seconds);
    decode_s.push_back(result.timing.decode_s);
  }
  const LanguageConfig& language = model_.model->config().language;
  const double seconds = static_cast<double>(samples * kNewTokens) / median(figure.all);
  const WorkCost pass = decode_cost(language, weight_bytes_, kv_number_bytes_, samples, kPromptTokens + kNewTokens / 2);
  const double least = least_seconds(prefill_cost(language, weight_bytes_, kPromptTokens), limits_, format_) +
                       static_cast<double>(kNewTokens) * least_seconds(pass, limits_, format_);
  figure.share = Share{.of_limit = least / seconds, .limit = share(pass, format_, seconds).limit};
  figure.extras = {{"tg_only", static_cast<double>(samples * kNewTokens) / median(decode_s)}};
  return figure;
}

Figure ModelMeasures::image(int64_t tiles) const {
  const at::NoGradGuard no_gradient;
  const ModelConfig& config = model_.model->config();
  const std::vector<PictureGrid> grids = {tile_grid(config, tiles)};
  const at::Tensor pixels = random_tiles(config, tiles, 0).to(model_.model->input_options());
  Figure figure{.unit = "s"};
  for (int64_t i = 0; i <= repetitions_; ++i) {  // one more, to warm up
    const double seconds = timed([&] { model_.model->encode_pictures(pixels, grids); });
    if (i > 0) figure.all.push_back(seconds);
  }
  const WorkCost cost = tower_cost(config, tiles);
  const double seconds = median(figure.all);
  const WeightFormat format = pack_formats(format_).vision;
  figure.share = share(cost, format, seconds);
  figure.extras = {{"gflops", cost.operations / seconds / 1e9}};
  return figure;
}

Prompt ModelMeasures::question_about(const at::Tensor& pixels, uint64_t salt) const {
  constexpr int64_t kBefore = 16, kQuestion = 32;  // tokens
  const ModelConfig& config = model_.model->config();
  const PictureGrid grid = tile_grid(config, pixels.size(0));
  Prompt asked = prompt(kBefore, 0);
  const int64_t tokens = model_.model->picture_tokens(grid);
  asked.input_ids.insert(asked.input_ids.end(), static_cast<size_t>(tokens), model_.renderer->image_token_id());
  const std::vector<int64_t> question = fixed_ids(kQuestion, config.language.vocab_size, salt);
  asked.input_ids.insert(asked.input_ids.end(), question.begin(), question.end());
  asked.images = {{.grid = grid, .tokens = tokens, .pixel_rows = pixels.size(0)}};
  asked.pixels = pixels;
  return asked;
}

Figure ModelMeasures::second_question() const {
  Engine engine = this->engine();
  Figure figure{.unit = "of first"};
  std::vector<double> first_s, second_s;
  for (int64_t i = 0; i <= repetitions_; ++i) {  // one more, to warm up
    const at::Tensor pixels = random_tiles(model_.model->config(), 1, static_cast<uint64_t>(i + 1));
    const auto seconds_for = [&](uint64_t salt) {
      const Prompt asked = question_about(pixels, salt);
      return timed([&] { engine.generate({.prompt = &asked, .sampling = greedy(1)}); });
    };
    const double first = seconds_for(1), second = seconds_for(2);
    if (i == 0) continue;
    first_s.push_back(first);
    second_s.push_back(second);
    figure.all.push_back(second / first);
  }
  figure.extras = {{"first_s", median(first_s)}, {"second_s", median(second_s)}};
  return figure;
}

double seconds_to_first_token(const ModelOptions& options, const EngineFlags& flags) {
  return timed([&] {
    const OpenModel open = open_model(options, flags);
    Engine engine(*open.model, *open.renderer, open.engine);
    const Prompt asked{.input_ids = fixed_ids(1, open.model->config().language.vocab_size, 0)};
    engine.generate({.prompt = &asked, .sampling = greedy(1)});
  });
}

}  // namespace r1v

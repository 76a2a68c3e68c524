// Packed networks against transformers and against the plain network; and the promise that company changes no bit.
#include "models/packed_language.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <numeric>

#include "kernels/paged_kv.h"
#include "models/golden_network.h"
#include "models/init.h"
#include "models/open_checkpoint.h"
#include "models/registry.h"

namespace r1v {
namespace {

using enum WeightFormat;

constexpr const char* kQwen2 = R"({
  "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "torch_dtype": "float32", "hidden_size": 96,
  "num_hidden_layers": 3, "num_attention_heads": 6, "num_key_value_heads": 2, "intermediate_size": 160,
  "hidden_act": "silu", "max_position_embeddings": 4096, "rms_norm_eps": 1e-6, "rope_theta": 10000.0,
  "vocab_size": 300, "tie_word_embeddings": false EXTRA})";

/// Every sequence has blocks of its own, the first the highest numbers.
class TableStore final : public KvStore, public PagedStore {
 public:
  TableStore(const LanguageConfig& config, KvFormat format, int64_t sequences, int64_t tokens)
      : blocks_each_((tokens + kKvBlockTokens - 1) / kKvBlockTokens),
        pool_({.format = format,
               .num_layers = config.num_layers,
               .num_kv_heads = config.num_kv_heads,
               .head_width = config.head_dim},
              sequences * blocks_each_) {
    for (int64_t i = 0; i < sequences; ++i) {
      std::vector<int32_t>& table = tables_.emplace_back(static_cast<size_t>(blocks_each_));
      std::iota(table.begin(), table.end(), static_cast<int32_t>((sequences - 1 - i) * blocks_each_));
    }
  }
  KvPool& pool() override { return pool_; }
  std::span<const int32_t> table(int64_t sequence) const override { return tables_.at(static_cast<size_t>(sequence)); }
  PagedStore* paged() override { return this; }
  View append(int64_t, int64_t, int64_t, const at::Tensor&, const at::Tensor&) override { return {}; }

 private:
  int64_t blocks_each_;
  KvPool pool_;
  std::vector<std::vector<int32_t>> tables_;
};

class PackedLanguageTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!PackedLanguage::fits({.head_dim = 16})) GTEST_SKIP() << "this processor has no fast rows";
  }

  void write_network(const std::string& extra = "") {
    std::string config = kQwen2;
    config.replace(config.find(" EXTRA"), 6, extra);
    write_file_atomic(folder_.path() / "config.json", config);
    const auto network = new_model(read_model_config(folder_.path()), 5);
    network->walk([](const std::string& name, at::Tensor& slot) {
      slot = slot + golden_numbers(name, slot.sizes()) * 0.05;  // biases and norms that matter
    });
    save_model(*network, folder_.path(), {}, at::kFloat);
  }
  std::unique_ptr<R1vModel> open(WeightFormat format) const { return load_model(folder_.path(), {.packed = format}); }
  std::unique_ptr<R1vModel> plain() const { return load_model(folder_.path()); }

  static at::Tensor some_ids(int64_t count, int64_t salt) { return (at::arange(count) * 37 + salt * 11) % 300; }

  const at::NoGradGuard no_grad_;
  TemporaryFolder folder_;
};

double cosine(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor x = a.to(at::kDouble).flatten(), y = b.to(at::kDouble).flatten();
  return (x.dot(y) / (x.norm() * y.norm())).item<double>();
}

at::Tensor logits_of(const R1vModel& model, const at::Tensor& ids_T) {
  const at::Tensor embeds = model.embed(ids_T, {}, /*image_token_id=*/-1);
  return model.logits(model.hidden(embeds, packed_plan({ids_T.size(0)})));
}

TEST_F(PackedLanguageTest, MatchesTransformers) {
  for (const char* name : {"tied_packed", "head_16"}) {
    const GoldenNetwork golden(name);
    const auto model = load_model(golden.folder.path(), {.packed = float32});
    at::Tensor image;
    if (model->has_vision()) {
      const at::Tensor pixels = golden.pixels(model->config());
      image = model->encode_pictures(pixels, {});
      expect_close(model->vision_features(pixels, {}), golden.expected("vision.features"), "vision.features");
      expect_close(image, golden.expected("projector.output"), "projector.output");
    }
    const at::Tensor embeds = model->embed(golden.expected("input_ids"), image, kGoldenImageToken);
    const at::Tensor hidden = model->hidden(embeds, packed_plan(golden.documents()));
    expect_close(hidden, golden.expected("hidden"), "hidden");
    expect_close(model->logits(hidden), golden.expected("logits"), "logits");
  }
}

TEST_F(PackedLanguageTest, ComputesWhatThePlainNetworkComputes) {
  for (const std::string extra :
       {"", R"(, "tie_word_embeddings": true)", R"(, "rope_scaling": {"rope_type": "yarn", "factor": 4.0,
         "original_max_position_embeddings": 64})"}) {
    write_network(extra);
    const at::Tensor ids = some_ids(150, 1), expected = logits_of(*plain(), ids);
    EXPECT_LE((logits_of(*open(float32), ids) - expected).abs().max().item<double>(), 1e-4) << extra;
    EXPECT_GE(cosine(logits_of(*open(bfloat16), ids), expected), 0.9995) << extra;
  }
}

// What is left is the rounding of activations: the plain network has the numbers that the integers mean.
TEST_F(PackedLanguageTest, IntegersComputeWhatTheirNumbersCompute) {
  write_network();
  const at::Tensor ids = some_ids(150, 1);
  for (const WeightFormat format : {int8, int4}) {
    const auto meant = load_model(folder_.path(), {.writable = true});
    const std::shared_ptr<const TensorSource> checkpoint = open_checkpoint(folder_.path());
    const CheckpointMatch match = match_checkpoint(*meant, *checkpoint);
    const WeightReader reader(checkpoint, match);
    meant->walk([&, formats = pack_formats(format)](const std::string& name, at::Tensor& slot) {
      const bool is_early = name.starts_with("model.layers.0.") || name.starts_with("model.layers.1.");
      const WeightFormat layer = is_early ? formats.first_layers : formats.language;
      if (name.ends_with("proj.weight")) slot = reader.matrix(name, layer).unpack();
      if (name == "lm_head.weight") slot = reader.matrix(name, formats.head).unpack();
    });
    const double close = cosine(logits_of(*open(format), ids), logits_of(*meant, ids));
    std::printf("    %s: cosine of logits %.6f\n", format_name(format), close);
    EXPECT_GE(close, 0.9995);
  }
}

// Weights and activations rounded, beside the plain network: half the error that docs/numerics.md allows.
TEST_F(PackedLanguageTest, Int8StaysCloseToFloat32) {
  write_network();
  const at::Tensor ids = some_ids(150, 1);
  const double close = cosine(logits_of(*open(int8), ids), logits_of(*plain(), ids));
  std::printf("    cosine of logits %.6f\n", close);
  EXPECT_GE(close, 0.9995);
}

TEST_F(PackedLanguageTest, NoBitDependsOnChunksOrCompanyOrThreads) {
  write_network();
  const int threads = at::get_num_threads();
  for (const WeightFormat format : {float32, bfloat16, int8, int4}) {
    for (const KvFormat kv : {KvFormat::float32, KvFormat::bfloat16, KvFormat::int8}) {
      const auto model = open(format);
      const at::Tensor ids = some_ids(100, 1), other = some_ids(77, 2);
      const auto run = [&](TableStore& store, const std::vector<std::pair<int64_t, int64_t>>& chunks, bool company) {
        std::vector<at::Tensor> rows;
        for (const auto& [past, count] : chunks) {
          TokenPlan plan{.positions = at::arange(past, past + count),
                         .spans = {{.sequence = 0, .past = past, .count = count}},
                         .store = &store};
          at::Tensor in = ids.narrow(0, past, count);
          if (company) {
            plan.positions = at::cat({at::arange(77), plan.positions});
            plan.spans.insert(plan.spans.begin(), {.sequence = 1, .past = 0, .count = 77});
            in = at::cat({other, in});
          }
          const at::Tensor hidden = model->hidden(model->embed(in, {}, -1), plan);
          rows.push_back(model->logits(hidden.narrow(0, hidden.size(0) - count, count)));
        }
        return at::cat(rows);
      };
      TableStore store(model->config().language, kv, 2, 100);
      const at::Tensor whole = run(store, {{0, 100}}, false);
      std::vector<std::pair<int64_t, int64_t>> one_by_one = {{0, 31}};
      for (int64_t i = 31; i < 100; ++i) one_by_one.emplace_back(i, 1);
      EXPECT_TRUE(at::equal(run(store, one_by_one, false), whole)) << format_name(format) << " " << format_name(kv);
      EXPECT_TRUE(at::equal(run(store, {{0, 7}, {7, 33}, {40, 60}}, true), whole)) << format_name(format);
      at::set_num_threads(threads == 1 ? 2 : 1);
      EXPECT_TRUE(at::equal(run(store, {{0, 50}, {50, 50}}, true), whole)) << format_name(format);
      at::set_num_threads(threads);
    }
  }
}

TEST_F(PackedLanguageTest, NarrowKeysAndValuesStayClose) {
  write_network();
  const auto model = open(float32);
  const at::Tensor ids = some_ids(120, 3), expected = logits_of(*plain(), ids);
  for (const auto& [kv, least] :
       {std::pair{KvFormat::float32, 0.99999}, {KvFormat::bfloat16, 0.9999}, {KvFormat::int8, 0.999}}) {
    TableStore store(model->config().language, kv, 1, 120);
    const TokenPlan plan{.positions = at::arange(120), .spans = {{.count = 120}}, .store = &store};
    const at::Tensor logits = model->logits(model->hidden(model->embed(ids, {}, -1), plan));
    EXPECT_GE(cosine(logits, expected), least) << format_name(kv);
  }
}

}  // namespace
}  // namespace r1v

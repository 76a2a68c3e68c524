// Parts of two tiny checkpoints put together, and parts that do not fit.
#include "recipes/assemble.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "io/safetensors.h"
#include "models/config.h"
#include "models/golden_network.h"
#include "prompt/render.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

class Assemble : public testing::Test {
 protected:
  void SetUp() override {
    copy_golden_model(vision(), "vision ");  // weights tell which folder they come from
    make_language(272, 32);
  }

  /// A plain Qwen2 whose tokenizer knows no pictures: ids 0 to 258.
  void make_language(int64_t rows, int64_t width) {
    fs::remove_all(language());
    fs::create_directories(language());
    Json config = read_json_file(vision() / "config.json").at("llm_config");
    config["vocab_size"] = rows;
    config["hidden_size"] = width;
    config["head_dim"] = 8;
    config["tie_word_embeddings"] = false;
    write_file_atomic(language() / "config.json", dump_json(config));
    Json tokenizer = read_json_file(vision() / "tokenizer.json");
    Json added = Json::array();
    for (const Json& token : tokenizer["added_tokens"]) {
      if (token["id"].get<int64_t>() <= 258) added.push_back(token);
    }
    tokenizer["added_tokens"] = added;
    write_file_atomic(language() / "tokenizer.json", dump_json(tokenizer));
    fs::copy(vision() / "tokenizer_config.json", language());
    write_golden_weights(language(), "language ");
  }

  fs::path vision() const { return folder_.path() / "vision"; }
  fs::path language() const { return folder_.path() / "language"; }
  fs::path out() const { return folder_.path() / "out"; }
  AssembleOptions options() const {
    AssembleOptions options;
    options.vision = vision();
    options.language = language();
    options.out = out();
    return options;
  }
  std::string refusal(const AssembleOptions& asked) const {
    try {
      assemble(asked);
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  }

  TemporaryFolder folder_;
};

TEST_F(Assemble, TakesEveryPartFromItsFolder) {
  const AssembleReport report = assemble(options());
  const SafetensorsFile made(out() / "model.safetensors");
  const auto expect_from = [&](const std::string& seed, const std::string& name, const std::string& stored) {
    const at::Tensor tensor = made.tensor(stored);
    EXPECT_TRUE(at::equal(tensor, golden_weight(seed + name, tensor.sizes()))) << stored;
  };
  expect_from("vision ", "vision_model.encoder.layers.1.mlp.fc2.weight",
              "vision_model.encoder.layers.1.mlp.fc2.weight");
  expect_from("vision ", "mlp1.3.bias", "mlp1.3.bias");
  expect_from("language ", "model.layers.0.self_attn.k_proj.bias",
              "language_model.model.layers.0.self_attn.k_proj.bias");
  expect_from("language ", "lm_head.weight", "language_model.lm_head.weight");
  EXPECT_TRUE(std::isfinite(report.check_nats));
  // <img>, </img>, <IMG_CONTEXT> on the first free rows
  EXPECT_EQ(report.added_tokens,
            (std::map<std::string, int64_t>{{"<img>", 259}, {"</img>", 260}, {"<IMG_CONTEXT>", 261}}));
  EXPECT_EQ(Renderer(out()).image_token_id(), 261);
}

TEST_F(Assemble, SpeaksAsTheNewLanguageModelDoes) {
  const std::string reasoning = "{{ messages[0].content + '<think>' }}";
  write_file_atomic(language() / "chat_template.jinja", reasoning);
  write_file_atomic(vision() / "chat_template.jinja", "{{ messages[0].content }}");
  write_file_atomic(language() / "generation_config.json", R"({"eos_token_id": 256})");
  assemble(options());
  EXPECT_EQ(read_file(out() / "chat_template.jinja"), reasoning);
  EXPECT_EQ(read_json_file(out() / "generation_config.json").at("eos_token_id"), 256);
  // Its vocabulary is larger than the substitute's 264 rows: rows and tokens are its own.
  const int64_t rows = SafetensorsFile(out() / "model.safetensors").tensor("language_model.lm_head.weight").size(0);
  EXPECT_EQ(rows, 272);
  EXPECT_EQ(read_model_config(out()).language.vocab_size, 272);
}

TEST_F(Assemble, ChangesTheDtypeWhenTold) {
  AssembleOptions asked = options();
  asked.dtype = "bfloat16";
  assemble(asked);
  EXPECT_EQ(SafetensorsFile(out() / "model.safetensors").tensor("mlp1.3.bias").scalar_type(), at::kBFloat16);
  EXPECT_EQ(read_json_file(out() / "config.json").at("torch_dtype"), "bfloat16");
}

TEST_F(Assemble, RefusesPartsThatDoNotFitAndLeavesNothingBehind) {
  make_language(272, 40);
  EXPECT_NE(refusal(options()).find("makes rows of 32"), std::string::npos) << refusal(options());
  make_language(260, 32);  // one free row for three tokens
  EXPECT_NE(refusal(options()).find("no free row"), std::string::npos) << refusal(options());
  AssembleOptions swapped = options();
  std::swap(swapped.vision, swapped.language);
  EXPECT_NE(refusal(swapped).find("no vision tower"), std::string::npos) << refusal(swapped);
  int files = 0;
  for (const auto& entry : fs::directory_iterator(folder_.path()))
    files += entry.path() != vision() && entry.path() != language();
  EXPECT_EQ(files, 0);
}

TEST_F(Assemble, RefusesPositionsThatTheTowerDoesNotGive) {
  Json config = read_json_file(language() / "config.json");
  config["rope_scaling"] = {{"type", "mrope"}, {"mrope_section", {1, 2, 1}}};
  write_file_atomic(language() / "config.json", dump_json(config));
  EXPECT_NE(refusal(options()).find("three axes"), std::string::npos) << refusal(options());
}

TEST_F(Assemble, RefusesATokenizerThatIsNone) {
  Json tokenizer = read_json_file(language() / "tokenizer.json");
  tokenizer["added_tokens"].push_back({{"content", "<x>"}, {"id", "seven"}});
  write_file_atomic(language() / "tokenizer.json", dump_json(tokenizer));
  EXPECT_NE(refusal(options()).find("tokenizer.json"), std::string::npos) << refusal(options());
}

TEST_F(Assemble, AStopLeavesNothingBehindWheneverItComes) {
  for (const int after : {0, 1, 5}) {
    int asked = 0;
    EXPECT_THROW(assemble(options(), [&] { return asked++ >= after; }), Stopped);
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      EXPECT_TRUE(entry.path() == vision() || entry.path() == language()) << entry.path();
    }
  }
}

TEST_F(Assemble, NeverOverwrites) {
  fs::create_directories(out());
  EXPECT_NE(refusal(options()).find("is there already"), std::string::npos);
}

}  // namespace
}  // namespace r1v

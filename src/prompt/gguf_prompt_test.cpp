// Tokenizers out of GGUF files against transformers' reading of the same files; see tests/golden/make_gguf.py.
#include "prompt/gguf_prompt.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.h"
#include "io/gguf.h"
#include "io/safetensors.h"
#include "prompt/render.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

fs::path golden(const std::string& name) { return fs::path(R1V_SOURCE_DIR) / "tests/golden" / name; }

TEST(GgufPrompt, TextsBecomeTheReferencesIds) {
  const SafetensorsFile expected(golden("gguf_logits.safetensors"));
  const Json texts = parse_json(expected.metadata().at("texts"), "texts");
  for (const std::string name : {"qwen2", "llama"}) {
    const Tokenizer tokenizer = load_tokenizer(golden("gguf_" + name + ".gguf"));
    for (size_t i = 0; i < texts.size(); ++i) {
      const at::Tensor wanted = expected.tensor(cat(name, ".text", i));
      const std::vector<int64_t> ids(wanted.const_data_ptr<int64_t>(),
                                     wanted.const_data_ptr<int64_t>() + wanted.numel());
      EXPECT_EQ(tokenizer.encode(texts[i].get<std::string>(), SpecialTokens::parse), ids) << name << " text " << i;
      EXPECT_EQ(tokenizer.decode(ids), texts[i].get<std::string>()) << name << " text " << i;
    }
  }
}

TEST(GgufPrompt, AFileRendersWithItsOwnTemplateAndEnds) {
  const Renderer renderer(golden("gguf_qwen2.gguf"));
  const Json request = {{"messages", {{{"role", "user"}, {"content", "the <|im_end|>"}}}}};
  const Prompt prompt = renderer.render(parse_conversation(request, {}, "test"));
  EXPECT_EQ(prompt.text, "<|im_start|>user\nthe <|im_end|><|im_end|>\n<|im_start|>assistant\n");
  const int64_t end = renderer.tokenizer().find("<|im_end|>");
  EXPECT_EQ(std::ranges::count(prompt.input_ids, end), 1);  // the user's is plain text
  EXPECT_EQ(renderer.eos_ids(), std::vector<int64_t>{end});
}

TEST(GgufPrompt, UnknownSplittingsAndVocabulariesAreRefused) {
  const GgufFile source(golden("gguf_qwen2.gguf"));
  const fs::path path = fs::temp_directory_path() / cat("r1v_gguf_prompt.", ::getpid(), ".gguf");
  for (const auto& [changed, text] : {std::pair<std::string, std::string>("tokenizer.ggml.pre", "tekken"),
                                      {"tokenizer.ggml.model", "llama"},
                                      {"tokenizer.ggml.merges", "no list"},
                                      {"tokenizer.ggml.token_type", "no list"}}) {
    GgufMetadata metadata;
    for (const auto& [key, value] : source.metadata()) {
      key == changed ? metadata.add_text(key, text) : metadata.add(key, value);
    }
    write_gguf(path, metadata, {});
    EXPECT_THROW(load_tokenizer(path), InputError) << changed;
  }
  fs::remove(path);
}

}  // namespace
}  // namespace r1v

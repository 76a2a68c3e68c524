// For tests: a checkpoint folder without weights. One token a byte (id = byte), control tokens from 256 on, a tile of
// 28 pixels that becomes (28 / 7 * 0.5)^2 = 4 image tokens.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"

namespace r1v::tiny {

/// Written by tests/golden/make_sft.py.
inline const std::filesystem::path kGoldenFolder = std::filesystem::path(R1V_SOURCE_DIR) / "tests/golden/sft";
inline const std::vector<std::string> kControlTokens = {"<|endoftext|>", "<|im_start|>",  "<|im_end|>", "<img>",
                                                        "</img>",        "<IMG_CONTEXT>", "<think>",    "</think>"};
inline constexpr int64_t kImStart = 257, kImEnd = 258, kImgBegin = 259, kImgEnd = 260, kImgContext = 261;
inline constexpr int64_t kThink = 262, kThinkEnd = 263;

/// ChatML that opens <think> for the answer and drops thoughts from the history, as QwQ's template does.
inline constexpr const char* kThinkingTemplate =
    "{%- for message in messages %}"
    "{%- set content = message.content %}"
    "{%- if message.role == 'assistant' and not loop.last %}{%- set content = "
    "content.split('</think>')[-1].lstrip('\\n') %}"
    "{%- endif %}"
    "{{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>\\n' }}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n<think>\\n' }}{%- endif %}";

class Checkpoint {
 public:
  explicit Checkpoint(const std::string& chat_template = kThinkingTemplate) {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() / cat("r1v_prompt_test_", ::getpid(), "_", count++);
    std::filesystem::create_directories(path_);
    for (const char* name : {"tokenizer.json", "config.json"}) write(name, read_file(kGoldenFolder / name));
    write("tokenizer_config.json", R"({"eos_token": "<|im_end|>"})");
    if (!chat_template.empty()) write("chat_template.jinja", chat_template);
  }
  Checkpoint(const Checkpoint&) = delete;
  Checkpoint& operator=(const Checkpoint&) = delete;
  ~Checkpoint() { std::filesystem::remove_all(path_); }

  void write(const std::string& name, const std::string& bytes) const { write_file_atomic(path_ / name, bytes); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Bytes as ids, without any control token.
inline std::vector<int64_t> plain(const std::string& text) {
  std::vector<int64_t> ids;
  for (const char c : text) ids.push_back(static_cast<unsigned char>(c));
  return ids;
}

/// Ids of text in which every control token is one.
inline std::vector<int64_t> parsed(std::string_view text) {
  std::vector<int64_t> ids;
  while (!text.empty()) {
    size_t length = 1;
    int64_t id = static_cast<unsigned char>(text[0]);
    for (size_t i = 0; i < kControlTokens.size(); ++i) {
      if (!text.starts_with(kControlTokens[i])) continue;
      length = kControlTokens[i].size();
      id = 256 + static_cast<int64_t>(i);
    }
    ids.push_back(id);
    text.remove_prefix(length);
  }
  return ids;
}

inline std::vector<int64_t> joined(const std::vector<std::vector<int64_t>>& parts) {
  std::vector<int64_t> ids;
  for (const auto& part : parts) ids.insert(ids.end(), part.begin(), part.end());
  return ids;
}

}  // namespace r1v::tiny

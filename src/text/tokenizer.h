// Byte-level BPE of the Qwen2 family: text to ids and back, from tokenizer.json or vocab.json + merges.txt.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/added_tokens.h"

namespace r1v {

struct TokenizerFile;

/// Whether text such as "<|im_end|>" may become a control token: `parse` for rendered templates, `escape` for text that
/// came from a user (it is then encoded as plain characters; that goes for every added token, "<think>" too).
enum class SpecialTokens { parse, escape };

/// Immutable after loading; all methods may be called from many threads.
class Tokenizer {
 public:
  /// A checkpoint folder or a lone tokenizer.json. throws InputError: missing, malformed, not byte-level BPE, ids that
  /// collide, merges that name unknown tokens.
  static Tokenizer load(const std::filesystem::path& path);
  /// What another reader made of another format; see make_tokenizer_file. throws InputError as load does.
  static Tokenizer from(TokenizerFile file, const std::string& where);
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  /// Bytes to ids; invalid UTF-8 is tokenised as bytes.
  std::vector<int64_t> encode(std::string_view text, SpecialTokens special) const;
  /// Ids to bytes (may be invalid UTF-8 when ids end inside a character). Unknown ids: InputError.
  std::string decode(const std::vector<int64_t>& ids, bool skip_special = false) const;
  /// The raw bytes of one id ("<|im_end|>" for an added token).
  std::string_view token_bytes(int64_t id) const;
  /// The token as tokenizer.json writes it (byte alphabet).
  std::string token_text(int64_t id) const;
  /// Id of a whole token (added or base), -1 when there is none.
  int64_t find(std::string_view token) const;
  bool is_special(int64_t id) const;
  const std::vector<AddedToken>& added_tokens() const;
  /// One more than the largest id.
  int64_t size() const;

 private:
  struct Impl;
  explicit Tokenizer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace r1v

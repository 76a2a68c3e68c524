// Text to ids: added tokens first, then normal form, words, merges. The order is that of Hugging Face tokenizers.
#include "text/tokenizer.h"

#include "base/error.h"
#include "text/bpe.h"
#include "text/tokenizer_file.h"
#include "text/unicode.h"

namespace r1v {
namespace {

// Cuts off the valid UTF-8 in front; empty when `text` starts with a byte that belongs to no character.
std::string_view take_valid(std::string_view& text) {
  const char* end = text.data() + text.size();
  const char* at = text.data();
  while (at < end) {
    if (static_cast<unsigned char>(*at) < 0x80) {
      ++at;
      continue;
    }
    const Utf8Step step = utf8_step(at, end);
    if (step.status != Utf8Step::Status::valid) break;
    at += step.length;
  }
  const std::string_view valid = text.substr(0, static_cast<size_t>(at - text.data()));
  text.remove_prefix(valid.size());
  return valid;
}

std::vector<AddedToken> with_normalized(const std::vector<AddedToken>& tokens, bool normalized, bool use_nfc) {
  std::vector<AddedToken> chosen;
  for (AddedToken token : tokens) {
    if (token.normalized != normalized) continue;
    if (normalized && use_nfc) token.content = nfc(token.content);
    chosen.push_back(std::move(token));
  }
  return chosen;
}

std::vector<bool> special_ids(const TokenizerFile& file) {
  std::vector<bool> special(static_cast<size_t>(file.vocabulary.size()));
  for (const AddedToken& token : file.added_tokens) special[static_cast<size_t>(token.id)] = token.special;
  return special;
}

}  // namespace

struct Tokenizer::Impl {
  std::vector<bool> special;  // by id
  Bpe bpe;
  bool use_nfc;
  Pretokenizer pretokenizer;
  std::vector<AddedToken> added_tokens;
  AddedTokenFinder in_text;        // matched in the text as given
  AddedTokenFinder in_normalized;  // matched after normalisation

  Impl(TokenizerFile file, const std::string& where)
      : special(special_ids(file)),
        bpe(std::move(file.vocabulary), std::move(file.merges), {file.ignore_merges, special, file.may_lack_bytes},
            where),
        use_nfc(file.nfc),
        pretokenizer(std::move(file.pretokenizer)),
        added_tokens(std::move(file.added_tokens)),
        in_text(with_normalized(added_tokens, false, use_nfc)),
        in_normalized(with_normalized(added_tokens, true, use_nfc)) {}

  void encode_words(std::string_view text, std::vector<int64_t>& ids) const {
    std::vector<const char*> ends;
    pretokenizer.split(text, ends);
    const char* begin = text.data();
    for (const char* end : ends) {
      bpe.encode_word({begin, static_cast<size_t>(end - begin)}, ids);
      begin = end;
    }
  }

  // `text` is valid UTF-8.
  void encode_valid(std::string_view text, SpecialTokens mode, std::vector<int64_t>& ids) const {
    std::string normal;
    if (use_nfc && may_need_nfc(text)) {
      normal = nfc(text);
      text = normal;
    }
    if (mode == SpecialTokens::escape || in_normalized.empty()) return encode_words(text, ids);
    for (const auto& piece : in_normalized.split(text)) {
      piece.id >= 0 ? ids.push_back(piece.id) : encode_words(piece.text, ids);
    }
  }

  // Bytes that belong to no character become their byte tokens and part the text in two.
  void encode_bytes(std::string_view text, SpecialTokens mode, std::vector<int64_t>& ids) const {
    while (!text.empty()) {
      const std::string_view valid = take_valid(text);
      if (!valid.empty()) encode_valid(valid, mode, ids);
      if (text.empty()) break;
      const int64_t id = bpe.byte_id(static_cast<unsigned char>(text[0]));
      if (id >= 0) ids.push_back(id);
      text.remove_prefix(1);
    }
  }

  void check_id(int64_t id) const {
    if (!bpe.vocabulary().has(id)) {
      throw InputError(cat("token id ", id, " is unknown, expected 0 to ", bpe.vocabulary().size() - 1,
                           "; ids must come from this tokenizer"));
    }
  }
};

Tokenizer::Tokenizer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

Tokenizer Tokenizer::load(const std::filesystem::path& path) { return from(read_tokenizer_file(path), path.string()); }

Tokenizer Tokenizer::from(TokenizerFile file, const std::string& where) {
  return Tokenizer(std::make_unique<Impl>(std::move(file), where));
}

std::vector<int64_t> Tokenizer::encode(std::string_view text, SpecialTokens mode) const {
  std::vector<int64_t> ids;
  ids.reserve(text.size() / 4 + 8);
  if (mode == SpecialTokens::escape || impl_->in_text.empty()) {
    impl_->encode_bytes(text, mode, ids);
    return ids;
  }
  for (const auto& piece : impl_->in_text.split(text)) {
    piece.id >= 0 ? ids.push_back(piece.id) : impl_->encode_bytes(piece.text, mode, ids);
  }
  return ids;
}

std::string Tokenizer::decode(const std::vector<int64_t>& ids, bool skip_special) const {
  std::string bytes;
  for (const int64_t id : ids) {
    impl_->check_id(id);
    if (!skip_special || !is_special(id)) bytes += impl_->bpe.vocabulary().bytes(id);
  }
  return bytes;
}

std::string_view Tokenizer::token_bytes(int64_t id) const {
  impl_->check_id(id);
  return impl_->bpe.vocabulary().bytes(id);
}

std::string Tokenizer::token_text(int64_t id) const {
  impl_->check_id(id);
  for (const AddedToken& token : impl_->added_tokens) {
    if (token.id == id) return token.content;
  }
  return alphabet_from_bytes(impl_->bpe.vocabulary().bytes(id));
}

int64_t Tokenizer::find(std::string_view token) const {
  for (const AddedToken& added : impl_->added_tokens) {
    if (added.content == token) return added.id;
  }
  std::string bytes;
  return bytes_from_alphabet(token, bytes) ? impl_->bpe.vocabulary().find(bytes) : -1;
}

bool Tokenizer::is_special(int64_t id) const {
  return id >= 0 && id < size() && impl_->special[static_cast<size_t>(id)];
}

const std::vector<AddedToken>& Tokenizer::added_tokens() const { return impl_->added_tokens; }

int64_t Tokenizer::size() const { return impl_->bpe.vocabulary().size(); }

}  // namespace r1v

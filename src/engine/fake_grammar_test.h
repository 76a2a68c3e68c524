// For tests: a grammar over one-byte tokens (id = byte) that allows a few given texts and nothing else.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "constrain/grammar.h"

namespace r1v::testing_grammar {

class OneOf final : public Grammar {
 public:
  explicit OneOf(std::vector<std::string> texts) : texts_(std::move(texts)) {}

  std::unique_ptr<Place> begin() const override { return std::make_unique<Here>(texts_); }

 private:
  class Here final : public Place {
   public:
    explicit Here(const std::vector<std::string>& texts) : texts_(texts) {}

    std::span<const uint64_t> allowed() override {
      words_ = {};
      for (const std::string& text : texts_) {
        if (!text.starts_with(said_) || text.size() == said_.size()) continue;
        const auto next = static_cast<unsigned char>(text[said_.size()]);
        words_[next / 64] |= uint64_t{1} << (next % 64);
      }
      return words_;
    }
    void accept(int64_t id) override {
      const std::span<const uint64_t> words = allowed();
      R1V_CHECK(id < 256 && (words[static_cast<size_t>(id) / 64] >> (id % 64) & 1) == 1, "id ", id, " after ", said_);
      said_ += static_cast<char>(id);
    }
    int64_t tokens_to_end() override {
      size_t least = SIZE_MAX;
      for (const std::string& text : texts_) {
        if (text.starts_with(said_)) least = std::min(least, text.size() - said_.size());
      }
      return static_cast<int64_t>(least);
    }
    bool ends_within(int64_t tokens, int64_t id) override {
      Here behind = *this;
      behind.accept(id);
      return behind.tokens_to_end() <= tokens;
    }
    int64_t closing_token() override {
      for (const std::string& text : texts_) {
        const bool is_shortest = text.size() == said_.size() + static_cast<size_t>(tokens_to_end());
        if (is_shortest && text.starts_with(said_)) return static_cast<unsigned char>(text[said_.size()]);
      }
      R1V_CHECK(false, "nothing follows ", said_);
      return -1;
    }
    bool may_end() const override { return std::ranges::find(texts_, said_) != texts_.end(); }

   private:
    const std::vector<std::string>& texts_;
    std::string said_;
    std::array<uint64_t, 4> words_{};
  };
  std::vector<std::string> texts_;
};

inline std::shared_ptr<const Grammar> one_of(std::vector<std::string> texts) {
  return std::make_shared<OneOf>(std::move(texts));
}

}  // namespace r1v::testing_grammar

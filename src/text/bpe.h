// Byte-pair merging: one word of bytes to ids, lowest rank first, leftmost first.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "text/vocabulary.h"

namespace r1v {

/// All merges, by the pair of ids that they join.
class MergeTable {
 public:
  struct Merge {
    uint32_t rank;  // place in the file; smaller goes first
    int32_t id;     // what the pair becomes
  };
  void reserve(size_t count);
  /// A pair that is already there gets the new rank, as in the reference.
  void add(int64_t left, int64_t right, Merge merge);
  /// Asks for the memory that add or find of this pair will touch.
  void prefetch(int64_t left, int64_t right) const;
  /// nullptr when the pair does not merge.
  const Merge* find(int64_t left, int64_t right) const;
  /// Some pair that becomes one of these ids, or nullptr.
  const Merge* find_result(const std::vector<bool>& ids) const;

 private:
  static constexpr uint64_t kEmpty = UINT64_MAX;
  struct Slot {
    uint64_t key = kEmpty;
    Merge merge{};
  };
  Slot& place(uint64_t key);
  void grow(size_t capacity);

  std::vector<Slot> slots_;  // open addressing, a power of two
  size_t size_ = 0;
};

/// Immutable; all methods may be called from many threads.
class Bpe {
 public:
  struct Options {
    bool ignore_merges = false;        // a word that is a token is taken whole, without merging
    const std::vector<bool>& special;  // by id: what encode_word must never produce
    bool may_lack_bytes = false;       // bytes without a token vanish from the text, as in the reference
  };
  /// throws InputError when one of the 256 bytes has no token and must have one, or bytes or merges lead to a special
  /// one.
  Bpe(Vocabulary vocabulary, MergeTable merges, Options options, const std::string& where);

  /// Appends the ids of one word.
  void encode_word(std::string_view word, std::vector<int64_t>& ids) const;
  /// -1 for a byte without a token.
  int64_t byte_id(unsigned char byte) const { return byte_ids_[byte]; }
  const Vocabulary& vocabulary() const { return vocabulary_; }

 private:
  void encode_known_bytes(std::string_view word, std::vector<int64_t>& ids) const;
  void merge_short(std::string_view word, std::vector<int64_t>& ids) const;
  void merge_long(std::string_view word, std::vector<int64_t>& ids) const;
  void merge(std::string_view word, std::vector<int64_t>& ids) const;

  Vocabulary vocabulary_;
  MergeTable merges_;
  bool ignore_merges_;
  std::array<int64_t, 256> byte_ids_{};
  bool lacks_bytes_ = false;
  // Whether a token's own bytes become just that token; learnt on first use, since most words are one token and the
  // answer never changes. Relaxed order is enough, every thread writes the same value.
  enum class Whole : uint8_t { unknown, yes, no };
  std::unique_ptr<std::atomic<Whole>[]> whole_;
};

}  // namespace r1v

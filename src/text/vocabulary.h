// Tokens as bytes: the byte alphabet of GPT-2, ids to bytes and bytes to ids.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace r1v {

/// Files write every byte as one printable character: U+0120 is a space. Turns such text into bytes; false when a
/// character is outside that alphabet (`bytes` is then unspecified).
bool bytes_from_alphabet(std::string_view text, std::string& bytes);
std::string alphabet_from_bytes(std::string_view bytes);

/// Ids and their bytes. Ids may have gaps; the largest is bounded so that a hostile file cannot ask for all memory.
class Vocabulary {
 public:
  static constexpr int64_t kMaxId = (1 << 24) - 1;

  /// throws InputError: id negative or too large, id or bytes already there. `where` names the source.
  void add(int64_t id, std::string_view bytes, const std::string& where);
  /// Replaces or adds the bytes of an id without making them findable (added tokens that BPE must not produce).
  void set_bytes(int64_t id, std::string_view bytes, const std::string& where);
  void reserve(size_t count, size_t bytes);

  /// Asks for the memory that find(bytes) will touch.
  void prefetch(std::string_view bytes) const;
  /// -1 when there is none.
  int64_t find(std::string_view bytes) const;
  bool has(int64_t id) const { return id >= 0 && id < size() && spans_[static_cast<size_t>(id)].length != kNone; }
  std::string_view bytes(int64_t id) const {
    const Span& span = spans_[static_cast<size_t>(id)];
    return {arena_.data() + span.begin, span.length};
  }
  /// One more than the largest id.
  int64_t size() const { return static_cast<int64_t>(spans_.size()); }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  struct Span {
    uint32_t begin = 0;
    uint32_t length = kNone;
  };
  struct Slot {
    uint64_t head = 0;  // the first eight bytes, zeros behind: most tokens are found without touching the arena
    uint32_t length = 0;
    int32_t id = -1;
  };
  void check_id(int64_t id, std::string_view bytes, const std::string& where) const;
  void store(int64_t id, std::string_view bytes);
  void insert(int32_t id);
  void grow();

  std::string arena_;
  std::vector<Span> spans_;
  std::vector<Slot> slots_;  // open addressing, a power of two
  size_t num_findable_ = 0;
};

}  // namespace r1v

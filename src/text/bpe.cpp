// Two loops with the same result: a scan for short words, a heap for long ones.
#include "text/bpe.h"

#include <algorithm>
#include <queue>

#include "base/error.h"

namespace r1v {
namespace {

constexpr size_t kShortWord = 48;  // bytes; the scan is quadratic, the heap costs more to set up

uint64_t pair_key(int64_t left, int64_t right) {
  return static_cast<uint64_t>(left) << 32 | static_cast<uint32_t>(right);
}

size_t spread(uint64_t key) {
  key *= 0x9E3779B97F4A7C15u;
  return static_cast<size_t>(key ^ (key >> 32));
}

}  // namespace

MergeTable::Slot& MergeTable::place(uint64_t key) {
  const size_t mask = slots_.size() - 1;
  size_t i = spread(key) & mask;
  while (slots_[i].key != key && slots_[i].key != kEmpty) i = (i + 1) & mask;
  return slots_[i];
}

void MergeTable::grow(size_t capacity) {
  std::vector<Slot> old(capacity);
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.key != kEmpty) place(slot.key) = slot;
  }
}

void MergeTable::reserve(size_t count) {
  size_t capacity = 1024;
  while (capacity < count * 2) capacity *= 2;
  if (capacity > slots_.size()) grow(capacity);
}

void MergeTable::add(int64_t left, int64_t right, Merge merge) {
  if ((size_ + 1) * 2 > slots_.size()) reserve(size_ + 1);
  const uint64_t key = pair_key(left, right);
  Slot& slot = place(key);
  if (slot.key == kEmpty) ++size_;
  slot = {key, merge};
}

void MergeTable::prefetch(int64_t left, int64_t right) const {
  if (!slots_.empty()) __builtin_prefetch(&slots_[spread(pair_key(left, right)) & (slots_.size() - 1)]);
}

const MergeTable::Merge* MergeTable::find(int64_t left, int64_t right) const {
  if (slots_.empty()) return nullptr;
  const uint64_t key = pair_key(left, right);
  const size_t mask = slots_.size() - 1;
  for (size_t i = spread(key) & mask; slots_[i].key != kEmpty; i = (i + 1) & mask) {
    if (slots_[i].key == key) return &slots_[i].merge;
  }
  return nullptr;
}

const MergeTable::Merge* MergeTable::find_result(const std::vector<bool>& ids) const {
  for (const Slot& slot : slots_) {
    if (slot.key != kEmpty && ids[static_cast<size_t>(slot.merge.id)]) return &slot.merge;
  }
  return nullptr;
}

Bpe::Bpe(Vocabulary vocabulary, MergeTable merges, Options options, const std::string& where)
    : vocabulary_(std::move(vocabulary)), merges_(std::move(merges)), ignore_merges_(options.ignore_merges) {
  for (size_t byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    byte_ids_[byte] = vocabulary_.find({&c, 1});
    if (byte_ids_[byte] < 0 && options.may_lack_bytes) {
      lacks_bytes_ = true;
      continue;
    }
    if (byte_ids_[byte] < 0) {
      throw InputError(cat(where, ": no token for the byte ", byte, " (\"", alphabet_from_bytes({&c, 1}),
                           "\"), expected byte-level BPE with a token for each of the 256 bytes"));
    }
    if (options.special[static_cast<size_t>(byte_ids_[byte])]) {
      throw InputError(
          cat(where, ": the token of byte ", byte, " is special, so plain text could make a control token"));
    }
  }
  if (const MergeTable::Merge* merge = merges_.find_result(options.special)) {
    throw InputError(cat(where, ": merge ", merge->rank, " makes the special token \"",
                         printable(vocabulary_.bytes(merge->id)), "\", so plain text could make a control token"));
  }
  whole_ = std::make_unique<std::atomic<Whole>[]>(static_cast<size_t>(vocabulary_.size()));
  for (size_t id = 0; id < options.special.size(); ++id) {
    if (options.special[id]) whole_[id].store(Whole::no, std::memory_order_relaxed);
  }
}

void Bpe::encode_word(std::string_view word, std::vector<int64_t>& ids) const {
  if (!lacks_bytes_) return encode_known_bytes(word, ids);
  std::string known;
  for (const char c : word) {
    if (byte_ids_[static_cast<unsigned char>(c)] >= 0) known += c;
  }
  if (!known.empty()) encode_known_bytes(known, ids);
}

void Bpe::encode_known_bytes(std::string_view word, std::vector<int64_t>& ids) const {
  if (word.size() == 1) {
    ids.push_back(byte_ids_[static_cast<unsigned char>(word[0])]);
    return;
  }
  const int64_t whole = vocabulary_.find(word);
  if (whole < 0) return merge(word, ids);
  std::atomic<Whole>& known = whole_[static_cast<size_t>(whole)];
  const Whole state = known.load(std::memory_order_relaxed);
  if (state == Whole::yes || (ignore_merges_ && state == Whole::unknown)) {
    ids.push_back(whole);
    return;
  }
  const size_t before = ids.size();
  merge(word, ids);
  const bool same = ids.size() == before + 1 && ids.back() == whole;
  if (state == Whole::unknown) known.store(same ? Whole::yes : Whole::no, std::memory_order_relaxed);
}

void Bpe::merge(std::string_view word, std::vector<int64_t>& ids) const {
  word.size() <= kShortWord ? merge_short(word, ids) : merge_long(word, ids);
}

void Bpe::merge_short(std::string_view word, std::vector<int64_t>& ids) const {
  int32_t parts[kShortWord];
  MergeTable::Merge joins[kShortWord];  // joins[i]: what parts[i] and parts[i + 1] become
  constexpr MergeTable::Merge kNoJoin{UINT32_MAX, -1};
  size_t count = word.size();
  const auto join = [&](size_t i) {
    const MergeTable::Merge* found = merges_.find(parts[i], parts[i + 1]);
    return found != nullptr ? *found : kNoJoin;
  };
  for (size_t i = 0; i < count; ++i) parts[i] = static_cast<int32_t>(byte_ids_[static_cast<unsigned char>(word[i])]);
  for (size_t i = 0; i + 1 < count; ++i) joins[i] = join(i);
  while (count > 1) {
    size_t best = 0;
    for (size_t i = 1; i + 1 < count; ++i) {
      if (joins[i].rank < joins[best].rank) best = i;
    }
    if (joins[best].id < 0) break;
    parts[best] = joins[best].id;
    std::copy(parts + best + 2, parts + count, parts + best + 1);
    if (best + 2 < count) std::copy(joins + best + 2, joins + count - 1, joins + best + 1);
    --count;
    if (best > 0) joins[best - 1] = join(best - 1);
    if (best + 1 < count) joins[best] = join(best);
  }
  ids.insert(ids.end(), parts, parts + count);
}

// A doubly linked list of parts and a heap of possible joins; a join whose parts have changed since is skipped.
void Bpe::merge_long(std::string_view word, std::vector<int64_t>& ids) const {
  struct Part {
    int32_t id, previous, next;  // id -1: merged into the part before
  };
  struct Join {
    uint32_t rank;
    int32_t at, left, right, id;
    bool operator<(const Join& other) const { return rank != other.rank ? rank > other.rank : at > other.at; }
  };
  R1V_CHECK(word.size() < INT32_MAX, "a word of ", word.size(), " bytes");
  const auto count = static_cast<int32_t>(word.size());
  std::vector<Part> parts(word.size());
  std::priority_queue<Join> joins;
  const auto offer = [&](int32_t at) {
    const int32_t next = at < 0 ? -1 : parts[static_cast<size_t>(at)].next;
    if (next < 0) return;
    const int32_t left = parts[static_cast<size_t>(at)].id, right = parts[static_cast<size_t>(next)].id;
    if (const auto* found = merges_.find(left, right)) joins.push({found->rank, at, left, right, found->id});
  };
  for (int32_t i = 0; i < count; ++i) {
    const auto byte = static_cast<unsigned char>(word[static_cast<size_t>(i)]);
    parts[static_cast<size_t>(i)] = {static_cast<int32_t>(byte_ids_[byte]), i - 1, i + 1 < count ? i + 1 : -1};
  }
  for (int32_t i = 0; i < count; ++i) offer(i);
  while (!joins.empty()) {
    const Join join = joins.top();
    joins.pop();
    Part& left = parts[static_cast<size_t>(join.at)];
    if (left.id != join.left || left.next < 0 || parts[static_cast<size_t>(left.next)].id != join.right) continue;
    Part& right = parts[static_cast<size_t>(left.next)];
    left.id = join.id;
    left.next = right.next;
    right.id = -1;
    if (left.next >= 0) parts[static_cast<size_t>(left.next)].previous = join.at;
    offer(left.previous);
    offer(join.at);
  }
  for (int32_t i = 0; i >= 0; i = parts[static_cast<size_t>(i)].next) ids.push_back(parts[static_cast<size_t>(i)].id);
}

}  // namespace r1v

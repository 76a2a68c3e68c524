// One arena of bytes, one table of spans, one hash table with linear probing.
#include "text/vocabulary.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.h"
#include "text/unicode.h"

namespace r1v {
namespace {

// Printable bytes stand for themselves; the other 68 become U+0100, U+0101, ... in the order of the bytes.
struct Alphabet {
  std::array<uint16_t, 256> code_of{};
  std::array<int16_t, 512> byte_of{};
  Alphabet() {
    byte_of.fill(-1);
    uint16_t next = 256;
    for (int byte = 0; byte < 256; ++byte) {
      const bool printable_byte = (byte >= 33 && byte <= 126) || (byte >= 161 && byte != 173);
      const auto code = printable_byte ? static_cast<uint16_t>(byte) : next++;
      code_of[static_cast<size_t>(byte)] = code;
      byte_of[code] = static_cast<int16_t>(byte);
    }
  }
};

const Alphabet& alphabet() {
  static const Alphabet table;
  return table;
}

uint64_t mix(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// Eight bytes or fewer as one number.
uint64_t load_word(std::string_view bytes) {
  uint64_t word = 0;
  std::memcpy(&word, bytes.data(), std::min<size_t>(bytes.size(), 8));
  return word;
}

uint64_t hash_bytes(std::string_view bytes) {
  uint64_t hash = 0x9E3779B97F4A7C15u ^ bytes.size();
  for (; bytes.size() > 8; bytes.remove_prefix(8)) hash = mix(hash ^ load_word(bytes), 0xD6E8FEB86659FD93u);
  return mix(hash ^ load_word(bytes), 0xA0761D6478BD642Fu);
}

}  // namespace

bool bytes_from_alphabet(std::string_view text, std::string& bytes) {
  const Alphabet& table = alphabet();
  bytes.clear();
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned code = static_cast<unsigned char>(text[i]);
    if (code >= 0x80) {  // all of the alphabet beyond ASCII lies below U+0200: two bytes
      if (code < 0xC2 || code > 0xC7 || i + 1 == text.size()) return false;
      code = ((code & 0x1F) << 6) | (static_cast<unsigned char>(text[++i]) & 0x3F);
    }
    if (table.byte_of[code] < 0) return false;
    bytes += static_cast<char>(table.byte_of[code]);
  }
  return true;
}

std::string alphabet_from_bytes(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) append_utf8(alphabet().code_of[static_cast<unsigned char>(c)], text);
  return text;
}

void Vocabulary::reserve(size_t count, size_t bytes) {
  spans_.reserve(count);
  arena_.reserve(bytes);
  size_t capacity = 1024;
  while (capacity < count * 2) capacity *= 2;
  if (capacity > slots_.size() && num_findable_ == 0) slots_.assign(capacity, {});
}

void Vocabulary::check_id(int64_t id, std::string_view bytes, const std::string& where) const {
  if (id < 0 || id > kMaxId) {
    throw InputError(cat(where, ": token \"", printable(bytes), "\" has id ", id, ", expected 0 to ", kMaxId));
  }
}

void Vocabulary::store(int64_t id, std::string_view bytes) {
  if (id >= size()) spans_.resize(static_cast<size_t>(id) + 1);
  spans_[static_cast<size_t>(id)] = {static_cast<uint32_t>(arena_.size()), static_cast<uint32_t>(bytes.size())};
  arena_.append(bytes);
}

void Vocabulary::add(int64_t id, std::string_view bytes, const std::string& where) {
  check_id(id, bytes, where);
  if (has(id)) {
    throw InputError(cat(where, ": tokens \"", printable(this->bytes(id)), "\" and \"", printable(bytes),
                         "\" share the id ", id, "; every token needs its own"));
  }
  if (find(bytes) >= 0) {
    throw InputError(cat(where, ": token \"", printable(bytes), "\" is there twice, ids ", find(bytes), " and ", id));
  }
  store(id, bytes);
  if (++num_findable_ * 2 > slots_.size()) grow();
  insert(static_cast<int32_t>(id));
}

void Vocabulary::set_bytes(int64_t id, std::string_view bytes, const std::string& where) {
  check_id(id, bytes, where);
  store(id, bytes);
}

void Vocabulary::insert(int32_t id) {
  const std::string_view token = bytes(id);
  const size_t mask = slots_.size() - 1;
  size_t place = hash_bytes(token) & mask;
  while (slots_[place].id >= 0) place = (place + 1) & mask;
  slots_[place] = {load_word(token), static_cast<uint32_t>(token.size()), id};
}

void Vocabulary::grow() {
  std::vector<Slot> old(slots_.empty() ? 1024 : slots_.size() * 2);
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.id >= 0) insert(slot.id);
  }
}

void Vocabulary::prefetch(std::string_view wanted) const {
  if (!slots_.empty()) __builtin_prefetch(&slots_[hash_bytes(wanted) & (slots_.size() - 1)]);
}

int64_t Vocabulary::find(std::string_view wanted) const {
  if (slots_.empty()) return -1;
  const uint64_t head = load_word(wanted);
  const size_t mask = slots_.size() - 1;
  for (size_t place = hash_bytes(wanted) & mask; slots_[place].id >= 0; place = (place + 1) & mask) {
    const Slot& slot = slots_[place];
    if (slot.head != head || slot.length != wanted.size()) continue;
    if (wanted.size() <= 8 || bytes(slot.id) == wanted) return slot.id;
  }
  return -1;
}

}  // namespace r1v

// MinHash and locality-sensitive hashing.
#include "recipes/near_duplicates.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <unordered_set>

#include "base/error.h"
#include "base/rng.h"

namespace r1v {
namespace {

constexpr size_t kWordsAShingle = 3;

/// Share of pairs at the threshold that no bucket joins: (1 - t^rows)^bands.
double missed(double threshold, size_t rows) {
  return std::pow(1 - std::pow(threshold, static_cast<double>(rows)), static_cast<double>(kHashes / rows));
}

/// The longest bands, hence the fewest false friends, that miss at most one pair in a hundred.
size_t rows_for(double threshold) {
  size_t rows = 1;
  while (2 * rows <= kHashes && missed(threshold, 2 * rows) <= 0.01) rows *= 2;
  return rows;
}

}  // namespace

std::vector<std::string> plain_words(const std::string& text) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    const bool ascii_word = byte < 0x80 && std::isalnum(byte) != 0;
    if ((ascii_word && !inside) || byte >= 0xC0) words.emplace_back();
    if ((ascii_word || byte >= 0x80) && !words.empty()) {
      words.back() += static_cast<char>(ascii_word ? std::tolower(byte) : byte);
    }
    inside = ascii_word;
  }
  return words;
}

Sketch sketch_of(const std::vector<std::string>& words) {
  Sketch sketch;
  sketch.fill(UINT32_MAX);
  const size_t count = words.size() < kWordsAShingle ? 1 : words.size() - kWordsAShingle + 1;
  for (size_t i = 0; i < count; ++i) {
    uint64_t shingle = 0;
    for (size_t k = i; k < std::min(words.size(), i + kWordsAShingle); ++k) shingle = mix_seed(shingle, words[k]);
    for (size_t h = 0; h < kHashes; ++h) {
      sketch[h] = std::min(sketch[h], static_cast<uint32_t>(mix_seed(h + 1, shingle) >> 32));
    }
  }
  return sketch;
}

double similarity(const Sketch& one, const Sketch& other) {
  size_t same = 0;
  for (size_t h = 0; h < kHashes; ++h) same += one[h] == other[h] ? 1 : 0;
  return static_cast<double>(same) / kHashes;
}

NearDuplicates::NearDuplicates(double threshold) : threshold_(threshold), rows_(rows_for(threshold)) {
  R1V_CHECK(threshold > 0 && threshold <= 1, "threshold ", threshold);
}

bool NearDuplicates::seen(uint64_t group, const Sketch& sketch) {
  std::vector<uint64_t> keys;
  for (size_t band = 0; band < kHashes / rows_; ++band) {
    uint64_t key = mix_seed(group, band);
    for (size_t h = band * rows_; h < (band + 1) * rows_; ++h) key = mix_seed(key, sketch[h]);
    keys.push_back(key);
  }
  std::unordered_set<uint32_t> compared;
  for (const uint64_t key : keys) {
    const auto bucket = buckets_.find(key);
    if (bucket == buckets_.end()) continue;
    for (const uint32_t candidate : bucket->second) {
      if (compared.insert(candidate).second && similarity(sketches_[candidate], sketch) >= threshold_) return true;
    }
  }
  for (const uint64_t key : keys) buckets_[key].push_back(static_cast<uint32_t>(sketches_.size()));
  sketches_.push_back(sketch);
  return false;
}

}  // namespace r1v

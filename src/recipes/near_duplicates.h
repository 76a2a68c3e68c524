// Texts that are nearly the same, found without comparing all with all.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace r1v {

/// Lower-case words: runs of ASCII letters and digits, or one character of any other alphabet; the rest only parts
/// them.
std::vector<std::string> plain_words(const std::string& text);

/// MinHash of word triples (Broder 1997): the share of equal places estimates how much two sets of triples overlap
/// (Jaccard), with a standard error of at most 0.044.
inline constexpr size_t kHashes = 128;
using Sketch = std::array<uint32_t, kHashes>;
Sketch sketch_of(const std::vector<std::string>& words);
double similarity(const Sketch& one, const Sketch& other);

/// Sketches in buckets of their bands: texts of at least the wanted similarity share a bucket almost surely.
class NearDuplicates {
 public:
  /// threshold above 0, at most 1.
  explicit NearDuplicates(double threshold);

  /// Whether something added before under the same group is at least as similar; if not, it is added.
  bool seen(uint64_t group, const Sketch& sketch);

 private:
  double threshold_;
  size_t rows_;  // hashes a band
  std::vector<Sketch> sketches_;
  std::unordered_map<uint64_t, std::vector<uint32_t>> buckets_;
};

}  // namespace r1v

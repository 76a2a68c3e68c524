// What `r1v bench` can measure, by name, and the fixed token ids that every program is measured with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace r1v {

enum class MeasureKind { limits, load, first, decode, prefill, batch, image, second_question };

/// "decode" (after 128 tokens), "decode8k", "prefill" (of 512 tokens), "prefill2k", "batch8", "image7", "load", ...
struct Measure {
  MeasureKind kind = MeasureKind::decode;
  int64_t number = 0;  // tokens of the prompt, samples, or tiles
  std::string name;    // as it was asked for
};

/// Separated by commas. throws InputError naming the word that is no measure, and all that are.
std::vector<Measure> parse_measures(const std::string& list);

inline constexpr int64_t kNewTokens = 64;  // of a decoded answer

/// The same ids for the same salt in every program that is measured:
/// lo + ((i + 1 + salt * 7919) * 2654435761 mod 2^32) mod (vocab - 2 lo - 300), lo = 1000 where vocab > 100000, else
/// 100. throws InputError below 512 vocabulary rows.
std::vector<int64_t> fixed_ids(int64_t count, int64_t vocab_size, uint64_t salt);

/// The value in the middle; of an even number the mean of the two. `values` is not empty.
double median(std::vector<double> values);

}  // namespace r1v

// Random numbers that are the same on every machine: never std:: distributions, never global state.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace r1v {

/// Mixes values into one well-spread 64-bit seed (splitmix64 finaliser); for deriving seeds from (seed, name, index).
uint64_t mix_seed(uint64_t seed, uint64_t value);
uint64_t mix_seed(uint64_t seed, std::string_view name);

/// xoshiro256++ (Blackman and Vigna, 2019). Copyable: the whole state is four words, saved in checkpoints.
class Rng {
 public:
  explicit Rng(uint64_t seed);

  uint64_t next();
  /// Uniform in [0, 1), 53 bits.
  double uniform();
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Uniform integer in [low, high], both included, without modulo bias.
  int64_t integer(int64_t low, int64_t high);
  bool chance(double probability) { return uniform() < probability; }
  /// Standard normal (Box-Muller; two uniforms a call, nothing kept between calls).
  double normal();
  /// One element of a non-empty list.
  template <typename List>
  const auto& pick(const List& list) {
    return list[static_cast<size_t>(integer(0, static_cast<int64_t>(list.size()) - 1))];
  }
  /// Fisher-Yates.
  template <typename List>
  void shuffle(List& list) {
    for (size_t i = list.size(); i > 1; --i) {
      std::swap(list[i - 1], list[static_cast<size_t>(integer(0, static_cast<int64_t>(i) - 1))]);
    }
  }

  std::array<uint64_t, 4> state{};
};

}  // namespace r1v

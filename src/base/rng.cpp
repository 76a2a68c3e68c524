// xoshiro256++ seeded through splitmix64, as its authors advise.
#include "base/rng.h"

#include <bit>
#include <cmath>
#include <numbers>

#include "base/error.h"

namespace r1v {
namespace {

uint64_t splitmix(uint64_t& x) {
  x += 0x9E3779B97F4A7C15ULL;
  uint64_t z = x;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

}  // namespace

uint64_t mix_seed(uint64_t seed, uint64_t value) {
  uint64_t x = seed ^ std::rotl(value * 0x9E3779B97F4A7C15ULL, 23);
  return splitmix(x);
}

uint64_t mix_seed(uint64_t seed, std::string_view name) {
  uint64_t hash = 0xCBF29CE484222325ULL;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return mix_seed(seed, hash);
}

Rng::Rng(uint64_t seed) {
  for (uint64_t& word : state) word = splitmix(seed);
}

uint64_t Rng::next() {
  const uint64_t result = std::rotl(state[0] + state[3], 23) + state[0];
  const uint64_t t = state[1] << 17;
  state[2] ^= state[0];
  state[3] ^= state[1];
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= t;
  state[3] = std::rotl(state[3], 45);
  return result;
}

double Rng::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

int64_t Rng::integer(int64_t low, int64_t high) {
  R1V_CHECK(low <= high);
  const uint64_t range = static_cast<uint64_t>(high) - static_cast<uint64_t>(low) + 1;
  if (range == 0) return static_cast<int64_t>(next());
  const uint64_t limit = UINT64_MAX - UINT64_MAX % range;  // reject the incomplete last block
  uint64_t draw = next();
  while (draw >= limit) draw = next();
  return static_cast<int64_t>(static_cast<uint64_t>(low) + draw % range);
}

double Rng::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

}  // namespace r1v

// Rejection by content: a tenth of all contents is test, a tenth dev, the rest train.
#include "gym/split.h"

#include "base/error.h"
#include "base/rng.h"

namespace r1v {

Split split_of_name(std::string_view name) {
  for (const Split split : {Split::train, Split::dev, Split::test}) {
    if (name == name_of(split)) {
      return split;
    }
  }
  throw InputError(cat("unknown split \"", printable(name), "\"; expected train, dev or test"));
}

std::string name_of(Split split) { return split == Split::train ? "train" : split == Split::dev ? "dev" : "test"; }

Split split_of_content(const Task& task) {
  uint64_t hash = mix_seed(mix_seed(0, task.family), task.question);
  hash = mix_seed(hash, dump_json(task.scene)) % 10;
  return hash == 0 ? Split::test : hash == 1 ? Split::dev : Split::train;
}

Task make_task(const TaskFamily& family, Split split, uint64_t index, int level, uint64_t base_seed,
               const DigitPool* digits) {
  if (family.make_with_digits && !digits) {
    throw InputError(cat("family ", family.name, " needs the sheet of handwritten digits; name it with --digits"));
  }
  uint64_t seed = mix_seed(mix_seed(base_seed, family.name), static_cast<uint64_t>(level));
  seed = mix_seed(mix_seed(seed, name_of(split)), index);
  constexpr uint64_t kMaxAttempts = 2000;  // a split with one content in ten is missed so often once in 10^91
  for (uint64_t attempt = 0; attempt < kMaxAttempts; ++attempt) {
    const uint64_t tried = mix_seed(seed, attempt);
    Task task = family.make ? family.make(tried, level, split) : family.make_with_digits(tried, level, split, *digits);
    if (split_of_content(task) == split) {
      return task;
    }
  }
  R1V_CHECK(false, "family ", family.name, " level ", level, " has no content for ", name_of(split));
}

}  // namespace r1v

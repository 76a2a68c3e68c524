// Each limit is taken several times by all threads at once.
#include "kernels/machine_limits.h"

#include <ATen/Parallel.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "kernels/instruction_set.h"
#include "kernels/machine_limits_loops.h"

namespace r1v {
namespace {

constexpr int64_t kReadStep = 512;  // bytes, see LimitLoops::read

int64_t plain_read(const uint8_t* from, int64_t bytes) {
  constexpr int64_t kWords = kReadStep / 8;
  uint64_t sums[kWords] = {};
  for (int64_t at = 0; at < bytes; at += kReadStep) {
    uint64_t words[kWords];
    std::memcpy(words, from + at, sizeof(words));
    for (int64_t i = 0; i < kWords; ++i) sums[i] += words[i];
  }
  uint64_t sum = 0;
  for (const uint64_t one : sums) sum += one;
  return static_cast<int64_t>(sum);
}

constexpr int64_t kPlainSums = 32;

float plain_multiply_add(int64_t rounds) {
  float sums[kPlainSums];
  for (int64_t i = 0; i < kPlainSums; ++i) sums[i] = static_cast<float>(i);
  for (int64_t round = 0; round < rounds; ++round) {
    for (float& sum : sums) sum = sum * 0.999f + 1e-3f;
  }
  float total = 0;
  for (const float sum : sums) total += sum;
  return total;
}

/// What the work gives is kept, so that it is done.
std::atomic<double> kept_result;

template <typename Work>  // a template, because what is timed should not hide a call through a pointer a try
MeasuredRate timed(int64_t tries, double amount, const Work& work) {
  std::vector<double> rates;
  for (int64_t i = 0; i < tries; ++i) {
    const double start = monotonic_s();
    work();
    rates.push_back(amount / (monotonic_s() - start));
  }
  std::ranges::sort(rates);
  return {.median = rates[rates.size() / 2], .best = rates.back()};
}

template <typename Work>  // takes the thread's number
void on_threads(int64_t threads, const Work& work) {
  at::parallel_for(0, threads, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) work(i);
  });
}

/// Straight from the system and straight back: an allocator could keep it, and the process would look larger.
class Pages {
 public:
  explicit Pages(int64_t bytes)
      : size_(static_cast<size_t>(bytes)),
        data_(::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
    if (data_ == MAP_FAILED) {
      throw InputError(cat("no memory for a buffer of ", bytes >> 20, " MiB to measure this machine with; free some"));
    }
    // As packed weights lie; where the system refuses, reading through small pages is its limit.
    ::madvise(data_, size_, MADV_HUGEPAGE);
  }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  ~Pages() { ::munmap(data_, size_); }

  uint8_t* bytes() const { return static_cast<uint8_t*>(data_); }

 private:
  size_t size_;
  void* data_;
};

MeasuredRate measure_read(const LimitLoops& loops, const uint8_t* buffer, int64_t threads, const LimitTries& tries) {
  const int64_t share = tries.buffer_bytes / threads / kReadStep * kReadStep;
  return timed(tries.tries, static_cast<double>(share * threads), [&] {
    on_threads(threads, [&](int64_t i) { kept_result = static_cast<double>(loops.read(buffer + i * share, share)); });
  });
}

MeasuredRate measure_arithmetic(const ArithmeticLoop& loop, int64_t threads, const LimitTries& tries) {
  constexpr int64_t kFirstRounds = 10000;  // to learn how many fill the time
  const MeasuredRate first = timed(3, kFirstRounds, [&] { kept_result = loop.run(kFirstRounds); });
  const int64_t rounds = std::max<int64_t>(kFirstRounds, static_cast<int64_t>(first.best * tries.seconds));
  return timed(tries.tries, static_cast<double>(rounds) * static_cast<double>(loop.operations * threads),
               [&] { on_threads(threads, [&](int64_t) { kept_result = loop.run(rounds); }); });
}

}  // namespace

constinit const LimitLoops kLimitLoopsPlain = {.name = "plain C++",
                                               .read = plain_read,
                                               .float32 = {.run = plain_multiply_add, .operations = kPlainSums * 2},
                                               .int8 = {}};

const LimitLoops& limit_loops() {
  switch (instruction_set()) {
    case InstructionSet::avx512:
      return kLimitLoopsAvx512;
    case InstructionSet::avx2:
      return kLimitLoopsAvx2;
    case InstructionSet::none:
      break;
  }
  return kLimitLoopsPlain;
}

MachineLimits measure_machine_limits(const LimitTries& tries) {
  const LimitLoops& loops = limit_loops();
  MachineLimits limits{.instructions = loops.name, .threads = at::get_num_threads()};
  {
    // Memory is touched by the thread that reads it, as the pages of a machine with several sockets want it.
    const Pages buffer(tries.buffer_bytes);
    uint8_t* const bytes = buffer.bytes();
    const int64_t share = tries.buffer_bytes / limits.threads;
    on_threads(limits.threads, [&](int64_t i) { std::memset(bytes + i * share, 1, static_cast<size_t>(share)); });
    limits.read_one_thread = measure_read(loops, bytes, 1, tries);
    limits.read = limits.threads == 1 ? limits.read_one_thread : measure_read(loops, bytes, limits.threads, tries);
  }
  limits.float32 = measure_arithmetic(loops.float32, limits.threads, tries);
  if (loops.int8.run != nullptr) limits.int8 = measure_arithmetic(loops.int8, limits.threads, tries);
  if (has_bfloat16_products()) {
    limits.instructions += " bf16";
    limits.bfloat16 = measure_arithmetic(kBfloatLimitLoop, limits.threads, tries);
  }
  return limits;
}

}  // namespace r1v

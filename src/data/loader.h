// The order in which samples are seen: shuffled anew in every epoch, packed, read ahead, and resumable to the sample.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/json.h"
#include "data/line_data.h"
#include "data/prefetch.h"

namespace r1v {

enum class Packing { off, on };
enum class Order { as_written, shuffled };

/// Packing::off: a batch is `batch_size` samples. Packing::on: a batch is `batch_size` bins of up to `bin_tokens`
/// tokens, filled first-fit from a stretch of samples. Either way samples stay documents of their own.
struct LoaderOptions {
  int64_t batch_size = 1;
  int64_t bin_tokens = 2048;
  Packing packing = Packing::off;
  Order order = Order::shuffled;
  uint64_t seed = 0;
  int64_t threads = 1;  // that read and decode ahead; 0: none
};

/// Endless batches. The same options and data give the same batches, however many threads read ahead.
class Loader final {
 public:
  Loader(const LineData& data, const LoaderOptions& options);

  /// none at the end of an epoch; the next call begins the next one.
  std::optional<PackedBatch> next();
  int64_t epoch() const { return position_.epoch; }

  /// Where the next batch starts, for a checkpoint; restore() continues there with the same batches.
  Json position() const;
  /// throws InputError when the position was written over other lines, or comes from another order of batches.
  void restore(const Json& position);

  /// How many batches an epoch has. With packing this reads every sample once. Samples that turn out to be bad may
  /// leave fewer.
  int64_t count_batches(int64_t epoch) const;

 private:
  /// `first`: place in the epoch's order where the present stretch began; `taken`: batches of it already handed out.
  struct Position {
    int64_t epoch = 0;
    int64_t first = 0;
    int64_t taken = 0;
  };
  Json order() const;
  int64_t sample_index(int64_t epoch, int64_t place) const;
  int64_t stretch_tokens() const;  // that are packed together
  void read_stretch();
  std::vector<std::vector<size_t>> batches_of(const std::vector<int64_t>& lengths) const;

  const LineData& data_;
  LoaderOptions options_;
  Position position_;
  int64_t stretch_end_ = 0;
  std::vector<Sample> stretch_;
  std::vector<std::vector<size_t>> batches_;  // of the stretch
  mutable std::mutex order_mutex_;
  mutable std::vector<std::pair<int64_t, std::vector<uint32_t>>> orders_;  // (epoch, order), the last two used
  std::unique_ptr<Prefetch> prefetch_;  // last: its threads use all of the above and end before it goes
};

}  // namespace r1v

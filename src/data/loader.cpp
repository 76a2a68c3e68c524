// Stretches of the epoch's order become batches; position = epoch, start of the stretch, batches taken from it.
#include "data/loader.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "base/rng.h"
#include "data/pack.h"

namespace r1v {
namespace {

constexpr int64_t kLeastBinsAStretch = 8;  // fewer, and half-empty last bins cost much; more, and pixels cost memory
constexpr int64_t kReadAhead = 64;         // samples

}  // namespace

Loader::Loader(const LineData& data, const LoaderOptions& options) : data_(data), options_(options) {
  R1V_CHECK(options_.batch_size > 0);
}

int64_t Loader::stretch_tokens() const {
  return std::max(kLeastBinsAStretch, 4 * options_.batch_size) * options_.bin_tokens;
}

int64_t Loader::sample_index(int64_t epoch, int64_t place) const {
  if (options_.order == Order::as_written) return place;
  const std::lock_guard lock(order_mutex_);
  for (const auto& [known, order] : orders_) {
    if (known == epoch) return order[static_cast<size_t>(place)];
  }
  std::vector<uint32_t> order(static_cast<size_t>(data_.size()));
  std::iota(order.begin(), order.end(), 0U);
  Rng(mix_seed(options_.seed, static_cast<uint64_t>(epoch))).shuffle(order);
  if (orders_.size() == 2) orders_.erase(orders_.begin());
  orders_.emplace_back(epoch, std::move(order));
  return orders_.back().second[static_cast<size_t>(place)];
}

std::vector<std::vector<size_t>> Loader::batches_of(const std::vector<int64_t>& lengths) const {
  if (lengths.empty()) return {};
  std::vector<std::vector<size_t>> batches;
  if (options_.packing == Packing::off) {
    std::vector<size_t>& all = batches.emplace_back(lengths.size());
    std::iota(all.begin(), all.end(), size_t{0});
    return batches;
  }
  const auto bins = first_fit(lengths, options_.bin_tokens);
  for (size_t i = 0; i < bins.size(); ++i) {
    if (i % static_cast<size_t>(options_.batch_size) == 0) batches.emplace_back();
    batches.back().insert(batches.back().end(), bins[i].begin(), bins[i].end());
  }
  return batches;
}

void Loader::read_stretch() {
  const int64_t num_samples = data_.size();
  if (prefetch_ == nullptr) {
    const auto make = [this, num_samples](int64_t place) {
      return data_.sample(sample_index(place / num_samples, place % num_samples));
    };
    const int64_t start = position_.epoch * num_samples + position_.first;
    prefetch_ = std::make_unique<Prefetch>(make, start, options_.threads, std::max(kReadAhead, options_.batch_size));
  }
  stretch_.clear();
  stretch_end_ = position_.first;
  std::vector<int64_t> lengths;
  int64_t tokens = 0;
  while (stretch_end_ < num_samples) {
    const bool full = options_.packing == Packing::off ? stretch_end_ - position_.first == options_.batch_size
                                                       : tokens >= stretch_tokens();
    if (full) break;
    std::optional<Sample> sample = prefetch_->take();
    ++stretch_end_;
    if (!sample) continue;
    lengths.push_back(static_cast<int64_t>(sample->input_ids.size()));
    tokens += lengths.back();
    stretch_.push_back(std::move(*sample));
  }
  batches_ = batches_of(lengths);
}

std::optional<PackedBatch> Loader::next() {
  while (true) {
    if (stretch_end_ <= position_.first) {  // nothing read yet
      if (position_.first == data_.size()) {
        position_ = {.epoch = position_.epoch + 1};
        stretch_end_ = 0;
        return std::nullopt;
      }
      read_stretch();
    }
    if (position_.taken < static_cast<int64_t>(batches_.size())) break;
    position_ = {.epoch = position_.epoch, .first = stretch_end_};
  }
  std::vector<const Sample*> samples;
  for (const size_t i : batches_[static_cast<size_t>(position_.taken++)]) samples.push_back(&stretch_[i]);
  return pack_samples(samples);
}

// What the order of batches depends on besides the data.
Json Loader::order() const {
  return {{"seed", options_.seed},
          {"shuffle", options_.order == Order::shuffled ? "on" : "off"},
          {"packing", options_.packing == Packing::on ? "on" : "off"},
          {"batch-size", options_.batch_size},
          {"max-length", options_.bin_tokens}};
}

Json Loader::position() const {
  return {{"epoch", position_.epoch}, {"first", position_.first}, {"taken", position_.taken},
          {"samples", data_.size()},  {"lines", data_.digest()},  {"order", order()}};
}

void Loader::restore(const Json& position) {
  const std::string where = "loader position";
  const int64_t samples = json_int(position, "samples", where);
  if (samples != data_.size()) {
    throw InputError(cat("the checkpoint was written over ", samples, " samples, --data holds ", data_.size(),
                         "; resume with the same data"));
  }
  // A checkpoint from before there was a digest is accepted: its number of samples and their order still fit.
  const std::string lines = data_.digest(), expected = json_string_or(position, "lines", lines, where);
  if (lines != expected) {
    throw InputError(
        cat("the checkpoint was written over other lines: found the digest ", lines, ", expected ", expected,
            "; resume with the same data (--skip-bad leaves bad lines out), or start anew with another --out"));
  }
  const Json now = order();
  for (const auto& [option, value] : json_at(position, "order", where).items()) {
    if (!now.contains(option) || now.at(option) == value) continue;
    throw InputError(cat("the checkpoint was written with --", option, " ", dump_json(value), ", now it is ",
                         dump_json(now.at(option)), "; samples would be skipped or repeated"));
  }
  position_ = {.epoch = json_int(position, "epoch", where),
               .first = json_int(position, "first", where),
               .taken = json_int(position, "taken", where)};
  if (position_.epoch < 0 || position_.first < 0 || position_.first > samples || position_.taken < 0) {
    throw InputError(cat(where, ": epoch ", position_.epoch, ", first ", position_.first, ", taken ", position_.taken,
                         " is no place in ", samples, " samples; is training_state/state.json damaged?"));
  }
  prefetch_.reset();
  stretch_end_ = position_.first;  // so that next() reads the stretch again
}

int64_t Loader::count_batches(int64_t epoch) const {
  const int64_t num_samples = data_.size();
  if (options_.packing == Packing::off) return (num_samples + options_.batch_size - 1) / options_.batch_size;
  int64_t batches = 0, tokens = 0;
  std::vector<int64_t> lengths;
  for (int64_t place = 0; place < num_samples; ++place) {
    const int64_t length = data_.length(sample_index(epoch, place));
    if (length > 0) lengths.push_back(length);
    tokens += length;
    if (tokens < stretch_tokens() && place + 1 < num_samples) continue;
    batches += static_cast<int64_t>(batches_of(lengths).size());
    lengths.clear();
    tokens = 0;
  }
  return batches;
}

}  // namespace r1v

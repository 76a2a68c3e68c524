// Append, grow, fork.
#include "engine/growing_kv.h"

#include <algorithm>

#include "base/error.h"

namespace r1v {
namespace {

constexpr int64_t kFirstRows = 64;

/// A buffer of `capacity` rows that starts with the first `length` rows of `old`.
at::Tensor regrown(const at::Tensor& old_CGH, int64_t length, int64_t capacity) {
  at::Tensor grown_CGH = at::empty({capacity, old_CGH.size(1), old_CGH.size(2)}, old_CGH.options());
  grown_CGH.narrow(0, 0, length).copy_(old_CGH.narrow(0, 0, length));
  return grown_CGH;
}

}  // namespace

KvStore::View GrowingKv::append(int64_t layer, int64_t sequence, int64_t past, const at::Tensor& keys_TGH,
                                const at::Tensor& values_TGH) {
  std::vector<Layer>& layers = sequences_[sequence];
  if (static_cast<int64_t>(layers.size()) <= layer) layers.resize(static_cast<size_t>(layer) + 1);
  Layer& held = layers[static_cast<size_t>(layer)];
  R1V_CHECK(held.length == past, "sequence ", sequence, " holds ", held.length, " rows in layer ", layer, ", not ",
            past);
  const int64_t count = keys_TGH.size(0);
  const int64_t length = past + count;
  if (!held.keys_CGH.defined()) {
    const std::vector<int64_t> sizes = {std::max(length, kFirstRows), keys_TGH.size(1), keys_TGH.size(2)};
    held.keys_CGH = at::empty(sizes, keys_TGH.options());
    held.values_CGH = at::empty(sizes, values_TGH.options());
  } else if (held.keys_CGH.size(0) < length) {
    const int64_t capacity = std::max(length, 2 * held.keys_CGH.size(0));
    held.keys_CGH = regrown(held.keys_CGH, past, capacity);
    held.values_CGH = regrown(held.values_CGH, past, capacity);
  }
  held.keys_CGH.narrow(0, past, count).copy_(keys_TGH);
  held.values_CGH.narrow(0, past, count).copy_(values_TGH);
  held.length = length;
  return {.keys_SGH = held.keys_CGH.narrow(0, 0, length), .values_SGH = held.values_CGH.narrow(0, 0, length)};
}

int64_t GrowingKv::length(int64_t sequence) const {
  const auto found = sequences_.find(sequence);
  return found == sequences_.end() || found->second.empty() ? 0 : found->second.front().length;
}

void GrowingKv::fork(int64_t from, int64_t to) {
  R1V_CHECK(!sequences_.contains(to), "sequence ", to, " is there already");
  std::vector<Layer> copy = sequences_.at(from);
  for (Layer& layer : copy) {
    const int64_t capacity = layer.length + kFirstRows;  // room for the first tokens of its own
    layer.keys_CGH = regrown(layer.keys_CGH, layer.length, capacity);
    layer.values_CGH = regrown(layer.values_CGH, layer.length, capacity);
  }
  sequences_.emplace(to, std::move(copy));
}

void GrowingKv::rename(int64_t from, int64_t to) {
  R1V_CHECK(!sequences_.contains(to), "sequence ", to, " is there already");
  auto node = sequences_.extract(from);
  R1V_CHECK(!node.empty(), "sequence ", from, " is not there");
  node.key() = to;
  sequences_.insert(std::move(node));
}

}  // namespace r1v

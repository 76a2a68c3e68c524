// What quantising saved and what it cost, kind of layer by kind of layer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/r1v.h"

namespace r1v {

/// The layers of one kind, or the tensors that stay as they are.
struct QuantizedKind {
  std::string kind;  // "self_attn.q_proj"
  int64_t count = 0;
  int64_t bytes_before = 0;
  int64_t bytes_after = 0;
  double largest_error = 0;  // |stored - wanted| / |wanted|, Frobenius norms
};

struct QuantizeReport {
  std::vector<QuantizedKind> kinds;
  int64_t num_unfit = 0;  // layers whose shape does not fit and that stay plain
  std::optional<double> nats_before;
  std::optional<double> nats_after;

  /// The row of a kind; a new one where there is none.
  QuantizedKind& row(const std::string& kind);
  /// Rows of layers before the row kKept.
  void sort();
};

inline constexpr const char* kKept = "kept as they are";

/// One forward pass of a few tokens. throws InputError naming `where` when it computes NaN or infinity.
void run_once(R1vModel& model, const std::string& where);

}  // namespace r1v

// What a number of metrics.jsonl is about, and whether more of it is better.
#pragma once

#include <string_view>

namespace r1v {

enum class Better { unknown, higher, lower };

struct CurveKind {
  int rank = 0;  // groups are shown in this order
  std::string_view group;
  Better better = Better::unknown;
};

/// By name: "eval_accuracy" is an evaluation, and higher is better. A name that nobody knows is among "Others".
CurveKind curve_kind(std::string_view name);

}  // namespace r1v

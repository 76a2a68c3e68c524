// Sets of real numbers as sorted pieces that do not touch: what intervals, inequalities and their unions mean.
#pragma once

#include <optional>
#include <vector>

#include "verify/answer.h"

namespace r1v {

struct RealSet {
  struct End {
    int infinity = 0;  // -1, 1: no value
    Number value{0};
    bool is_closed = false;
  };
  struct Piece {
    End low, high;  // equal and closed: a single point
  };
  std::vector<Piece> pieces;
};

/// The set an answer describes: an interval, an inequality or chain in one variable that is linear in it, a finite set,
/// \mathbb{R}, and unions, intersections and differences of those. Empty when it is not a set of real numbers that can
/// be written so. throws NeedPrecision, Undecidable.
std::optional<RealSet> real_set(const Answer& answer, const Arithmetic& arithmetic);

bool same_set(const RealSet& a, const RealSet& b, const Arithmetic& arithmetic);

}  // namespace r1v

// A judge's ratings of task lines.
#pragma once

#include <span>
#include <vector>

#include "recipes/judge.h"
#include "recipes/task_lines.h"

namespace r1v {

/// One rating a line, in order, of the line with its own solution.
std::vector<Rating> ratings_of(Judge& judge, std::span<const TaskLine> lines, Criterion criterion);

}  // namespace r1v

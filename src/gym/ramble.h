// Thinking that says too much: the same right steps, said again and again.
#pragma once

#include <string>

#include "base/rng.h"
#include "gym/task.h"

namespace r1v {

/// The thinking of a solver who comes to the right answer but repeats, doubts, restates and takes back. Everything of
/// the task's solution is in it, in order; always longer than the solution.
std::string ramble(const Task& task, Rng& rng);

}  // namespace r1v

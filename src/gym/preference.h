// Pairs of answers of which one is better: right, to the point, true to the picture.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "gym/siblings.h"
#include "gym/task.h"

namespace r1v {

/// The kind of pair that the task_number-th task of an export becomes: `options.kinds` take turns with families and
/// levels, but a task without picture never becomes a hallucination.
PreferenceKind preference_kind(const ExportOptions& options, int64_t task_number, bool has_picture);

/// question, chosen, rejected, slip (how the rejected one fails), source ("gym/wrong"), answer and kind where the
/// question has a final answer, transcript where there is a picture.
Json preference_pair(const Task& task, PreferenceKind kind, Siblings& siblings, Rng& rng);

}  // namespace r1v

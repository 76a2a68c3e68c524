// A model's answers to the questions of lines, judged against the lines' right answers.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>

#include "recipes/answering_model.h"
#include "recipes/growing_lines.h"
#include "recipes/task_lines.h"

namespace r1v {

struct AnswerOptions {
  SamplingParams sampling;                       // its seed is mixed with the line's number
  std::function<double(int64_t index)> penalty;  // repetition penalty of a line; none = sampling's
  bool with_pictures = true;                     // false: the same questions without them
  bool skip_bad = false;                         // a question that cannot be asked is noted instead of stopping
};

/// Asks those of `indexes` that `answers` does not have yet; a line of `answers` is {"index", "id", "text" (whole, the
/// opening <think> of the prompt in its place), "extracted", "correct": true, false or null (no right answer is known,
/// or verify could not decide), "reason", "tokens", "thinking_tokens", "finish", "penalty"} or {"index", "id",
/// "error"}. A packed network gives the same answers whichever questions were asked before.
/// returns false when `stop` turned true before all were answered. throws InputError: naming file and line.
bool answer_lines(const AnsweringModel& asked, const TaskLines& lines, std::span<const int64_t> indexes,
                  const AnswerOptions& options, GrowingLines& answers, const std::atomic<bool>& stop);

struct AnswerCounts {
  int64_t right = 0, wrong = 0, undecided = 0, refused = 0, cut_off = 0;
  int64_t tokens = 0, thinking_tokens = 0;

  void add(const Json& answer);
  int64_t answered() const { return right + wrong + undecided; }
  /// Right ones among those that could be judged; 0 when there are none.
  double accuracy() const;
};

}  // namespace r1v

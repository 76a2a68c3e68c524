// Is an answer right? Gold and answer in, verdict with its reason out.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace r1v {

/// What the gold answer is. `any` decides by looking at the gold text.
enum class AnswerKind { any, number, choice, word, expression };

/// "number", "choice", "word" or "text", "expression", "any" or "" to the kind. throws InputError for other names.
AnswerKind answer_kind(std::string_view name);

struct Verdict {
  std::optional<bool> correct;  // empty: could not decide (the reason says why)
  std::string extracted;        // the final answer found in the text; empty when there is none
  std::string reason;           // one short sentence
};

/// The final answer in a whole model output: what follows </think>, there the last \boxed{} (malformed: no answer,
/// never an earlier box), else a final-answer phrase, else a short text as it stands. Empty when there is none.
std::string extract_answer(std::string_view output);

/// gold     a bare answer: number, LaTeX, choice letter, word.
/// answer   a whole model output or a bare answer.
/// Exact where both sides are rational, else in balls that surely hold the values (equal.h says what that decides).
/// Units are converted where both sides name one, and ignored where only one does. A work limit makes hostile input
/// undecided rather than slow. Never throws, no state: may be called from many threads.
Verdict verify_answer(std::string_view gold, std::string_view answer, AnswerKind kind = AnswerKind::any);

}  // namespace r1v

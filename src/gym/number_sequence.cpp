// Rules of number sequences, how to find them, and the slips on the way.
#include "gym/number_sequence.h"

#include "base/error.h"
#include "gym/calculation.h"

namespace r1v {

namespace {

void fill(NumberSequence& sequence, int start, int count, int second_step) {
  int step = sequence.step;
  sequence.terms = {start};
  while (static_cast<int>(sequence.terms.size()) < count) {
    const size_t size = sequence.terms.size();
    const int last = sequence.terms.back();
    switch (sequence.rule) {
      case SequenceRule::add:
        sequence.terms.push_back(last + step);
        break;
      case SequenceRule::multiply:
        sequence.terms.push_back(last * step);
        break;
      case SequenceRule::growing_step:
        sequence.terms.push_back(last + step), step += second_step;
        break;
      case SequenceRule::add_last_two:
        sequence.terms.push_back(size == 1 ? second_step : last + sequence.terms[size - 2]);
        break;
      case SequenceRule::alternating:
        sequence.terms.push_back(last + (size % 2 == 1 ? step : second_step));
        break;
    }
  }
}

}  // namespace

std::string NumberSequence::shown(const std::string& gap_word, const std::string& separator) const {
  std::vector<std::string> words;
  for (const int term : terms) words.push_back(std::to_string(term));
  words[static_cast<size_t>(gap)] = gap_word;
  return join(words, separator);
}

Json NumberSequence::scene() const {
  constexpr const char* kRules[] = {"add", "multiply", "growing step", "add last two", "alternating"};
  Json list = terms;
  list[static_cast<size_t>(gap)] = nullptr;
  return {{"terms", list}, {"rule", kRules[static_cast<int>(rule)]}};
}

NumberSequence equal_steps(int start, int step, int count) {
  NumberSequence sequence{.gap = count - 1, .step = step};
  fill(sequence, start, count, 0);
  return sequence;
}

NumberSequence plan_sequence(Draft& draft) {
  const int level = draft.task.level;
  NumberSequence sequence;
  int start = 1, count = level <= 2 ? 4 : 6, second_step = 0;
  if (level <= 2) {
    const bool falls = level == 2 && draft.chance(0.4);
    sequence.step = draft.number(1, level == 1 ? 5 : 10) * (falls ? -1 : 1);
    start = falls ? draft.number(40, 99) : draft.number(1, level == 1 ? 40 : 60);
  } else if (level == 3) {
    sequence.rule = draft.chance(0.5) ? SequenceRule::add : SequenceRule::multiply;
    const bool adds = sequence.rule == SequenceRule::add;
    count = adds ? 6 : 5;
    sequence.step = adds ? draft.number(6, 15) : draft.number(2, 3);
    start = adds ? draft.number(1, 24) : draft.number(1, sequence.step == 2 ? 12 : 6);
  } else if (level == 4) {
    sequence.rule = SequenceRule::growing_step;
    sequence.step = draft.number(1, 6), second_step = draft.number(1, 4), start = draft.number(1, 20);
  } else {
    sequence.rule = draft.chance(0.5) ? SequenceRule::add_last_two : SequenceRule::alternating;
    const bool adds = sequence.rule == SequenceRule::add_last_two;
    sequence.step = draft.number(5, 12), start = draft.number(1, adds ? 8 : 20);
    second_step = adds ? draft.number(1, 9) : -draft.number(1, 4);
  }
  fill(sequence, start, count, second_step);
  const bool gap_is_inside = sequence.rule == SequenceRule::add && level >= 2 && draft.chance(0.4);
  sequence.gap = gap_is_inside ? draft.number(2, count - 2) : count - 1;
  return sequence;
}

std::string solve_sequence(const NumberSequence& sequence) {
  const std::vector<int>& t = sequence.terms;
  const size_t gap = static_cast<size_t>(sequence.gap);
  std::vector<std::string> steps;
  switch (sequence.rule) {
    case SequenceRule::add:
      return sequence.step > 0 ? cat(worked_difference(t[1], t[0]), ", so add ", sequence.step, ". ",
                                     worked_sum(t[gap - 1], sequence.step))
                               : cat(worked_difference(t[0], t[1]), ", so take away ", -sequence.step, ". ",
                                     worked_difference(t[gap - 1], -sequence.step));
    case SequenceRule::multiply:
      return cat(t[1], "/", t[0], "=", sequence.step, ", so multiply by ", sequence.step, ". ",
                 worked_product(t[gap - 1], sequence.step));
    case SequenceRule::add_last_two:
      return cat("Each is the sum of the two before. ", worked_sum(t[gap - 2], t[gap - 1]));
    default:
      break;
  }
  for (size_t i = 1; i < gap; ++i) steps.push_back(cat(t[i] >= t[i - 1] ? "+" : "", t[i] - t[i - 1]));
  const int next = t[gap] - t[gap - 1];
  return cat("The steps are ", join(steps), ", so the next is ", next >= 0 ? "+" : "", next, ". ",
             next >= 0 ? worked_sum(t[gap - 1], next) : worked_difference(t[gap - 1], -next));
}

void add_sequence_slips(Draft& draft, const NumberSequence& sequence) {
  const size_t gap = static_cast<size_t>(sequence.gap);
  const int before = sequence.terms[gap - 1], answer = sequence.answer();
  draft.slip(before + 1, "counted on by one");
  draft.slip(answer + sequence.step, "went one step too far");
  draft.slip(2 * before - sequence.terms[gap - 2], "took the last step again");
  draft.slip(answer + 10, "made a mistake in the tens");
}

}  // namespace r1v

// The table of all families.
#include "gym/families.h"

namespace r1v {

const std::vector<TaskFamily>& gym_families() {
  static const std::vector<TaskFamily> families = {
      {"count_objects", "how many things of a colour, a shape or both", true, make_count_objects},
      {"relation", "neighbours, between, ends of a row, largest and smallest", true, make_relation},
      {"what_is_there", "colour or shape of the thing at a place", true, make_what_is_there},
      {"bar_chart", "read, compare, add, find extremes of bars", true, make_bar_chart},
      {"clock", "read a clock, add minutes, compare two clocks", true, make_clock},
      {"handwritten_digit", "real handwriting: a digit or a number", true, nullptr, make_handwritten_digit},
      {"handwritten_sum", "arithmetic with handwritten numbers", true, nullptr, make_handwritten_sum},
      {"typeset_sum", "printed arithmetic: + - x, columns, brackets", true, make_typeset_sum},
  };
  return families;
}

}  // namespace r1v

// The table of all families.
#include "gym/families.h"

namespace r1v {

const std::vector<TaskFamily>& gym_families() {
  static const std::vector<TaskFamily> families = {
      {"count_objects", "how many things of a colour, a shape or both", true, make_count_objects},
      {"typeset_sum", "printed arithmetic: + - x, columns, brackets", true, make_typeset_sum},
  };
  return families;
}

}  // namespace r1v

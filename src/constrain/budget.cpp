// Counts states and looks at the clock now and then.
#include "constrain/budget.h"

#include "base/clock.h"
#include "base/error.h"

namespace r1v {
namespace {
constexpr int64_t kStatesPerLook = 512;
}  // namespace

Budget::Budget(const GrammarLimits& limits)
    : max_states_(limits.max_states),
      max_depth_(limits.max_depth),
      max_compile_s_(limits.max_compile_s),
      begin_s_(monotonic_s()) {}

void Budget::spend(int64_t states) {
  spent_ += states;
  if (spent_ > max_states_) {
    throw InputError(
        cat("JSON schema at ", pointer_, ": needs more than ", max_states_,
            " states; make maxLength, maxItems, repetitions in a pattern or the number of alternatives smaller"));
  }
  if (spent_ < next_look_) return;
  next_look_ = spent_ + kStatesPerLook;
  if (monotonic_s() - begin_s_ > max_compile_s_) {
    throw InputError(cat("JSON schema at ", pointer_, ": compiling takes longer than ", max_compile_s_,
                         " s; make maxLength, repetitions in a pattern or the number of alternatives smaller"));
  }
}

}  // namespace r1v

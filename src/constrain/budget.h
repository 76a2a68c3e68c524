// What compiling one schema may cost: states and time, so that no schema can hold a server up.
#pragma once

#include <cstdint>
#include <string>

#include "constrain/grammar.h"

namespace r1v {

/// Spent by everything that grows with what a schema says; throws InputError once a limit of GrammarLimits is passed.
class Budget {
 public:
  explicit Budget(const GrammarLimits& limits);
  void spend(int64_t states);
  /// The place in the schema that messages name, as a JSON pointer.
  void at(std::string pointer) { pointer_ = std::move(pointer); }
  const std::string& pointer() const { return pointer_; }
  int64_t max_depth() const { return max_depth_; }

 private:
  int64_t max_states_;
  int64_t max_depth_;
  double max_compile_s_;
  int64_t spent_ = 0;
  int64_t next_look_ = 0;  // at the clock
  double begin_s_;
  std::string pointer_ = "#";
};

}  // namespace r1v

// The arguments of a call, and their binding to a signature.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/template_value.h"

namespace r1v::jinja {

struct CallValues {
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> named;
};

/// Arguments in the order of a signature such as "old,new,count=", where "=" marks what may be missing.
class Bound {
 public:
  /// Throws RenderError: too many, missing or unknown arguments. `what` names the callee.
  Bound(std::string_view what, std::string_view signature, const CallValues& values);

  bool has(size_t index) const { return slots_[index] != nullptr; }
  /// Given and not none.
  bool is_set(size_t index) const { return has(index) && !slots_[index]->is(Type::none); }
  const Value& at(size_t index) const { return *slots_[index]; }
  int64_t integer(size_t index, int64_t fallback) const;
  double real(size_t index, double fallback) const;
  bool truth(size_t index, bool fallback) const;
  /// A string; throws RenderError for other types.
  const std::string& text(size_t index) const;
  std::string text_or(size_t index, std::string fallback) const { return has(index) ? text(index) : fallback; }

 private:
  std::string_view what_;
  std::vector<const Value*> slots_;
};

}  // namespace r1v::jinja

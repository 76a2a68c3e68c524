// The arguments of a call, and their binding to a signature.
#include "text/template_arguments.h"

#include <algorithm>

#include "base/error.h"
#include "text/template_string.h"

namespace r1v::jinja {

Bound::Bound(std::string_view what, std::string_view signature, const CallValues& values) : what_(what) {
  std::vector<std::string_view> names;
  if (!signature.empty()) names = split_at(signature, ",", -1, false);
  slots_.resize(names.size(), nullptr);
  if (values.positional.size() > names.size()) {
    throw RenderError(cat(what, " takes at most ", names.size(), " arguments, found ", values.positional.size()));
  }
  for (size_t i = 0; i < values.positional.size(); ++i) slots_[i] = &values.positional[i];
  for (const auto& [name, value] : values.named) {
    const auto found = std::ranges::find_if(names, [&](std::string_view known) {
      return known == name || (known.ends_with('=') && known.substr(0, known.size() - 1) == name);
    });
    if (found == names.end()) throw RenderError(cat(what, " takes no argument \"", printable(name), "\""));
    const size_t index = static_cast<size_t>(found - names.begin());
    if (slots_[index] != nullptr) throw RenderError(cat(what, " is given \"", printable(name), "\" twice"));
    slots_[index] = &value;
  }
  for (size_t i = 0; i < names.size(); ++i) {
    if (slots_[i] == nullptr && !names[i].ends_with('=')) {
      throw RenderError(cat(what, " needs an argument \"", names[i], "\""));
    }
  }
}

int64_t Bound::integer(size_t index, int64_t fallback) const {
  if (!has(index)) return fallback;
  refuse_undefined(at(index));
  if (!at(index).is_integral()) throw RenderError(cat(what_, " needs an integer, found ", type_name(at(index))));
  return at(index).as_integer();
}

double Bound::real(size_t index, double fallback) const {
  if (!has(index)) return fallback;
  if (!at(index).is_number()) throw RenderError(cat(what_, " needs a number, found ", type_name(at(index))));
  return at(index).as_real();
}

bool Bound::truth(size_t index, bool fallback) const { return has(index) ? truthy(at(index)) : fallback; }

const std::string& Bound::text(size_t index) const {
  refuse_undefined(at(index));
  if (!at(index).is(Type::string)) throw RenderError(cat(what_, " needs a string, found ", type_name(at(index))));
  return *at(index).text;
}

}  // namespace r1v::jinja

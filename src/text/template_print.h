// Values as text: Python's str() and repr(), and json.dumps.
#pragma once

#include <string>

#include "text/template_value.h"

namespace r1v::jinja {

/// repr(float): shortest digits that read back the same.
std::string real_text(double value);
/// str(value); undefined is empty. Throws RenderError for functions and methods (Python prints their address).
std::string to_text(const Value& value);
/// repr(value), as inside a printed list.
std::string to_repr(const Value& value);

struct JsonStyle {
  bool ascii_only = false;
  bool sort_keys = false;
  bool has_indent = false;
  std::string indent;  // of one level
  std::string item_separator = ", ";
  std::string key_separator = ": ";
};
/// json.dumps(value); throws RenderError for what has no JSON form.
std::string to_json(const Value& value, const JsonStyle& style);

}  // namespace r1v::jinja

// value.name, value[key] and value[start:stop:step], with what the sandbox of transformers lets through.
#pragma once

#include <string_view>

#include "text/template_value.h"

namespace r1v::jinja {

/// Attribute first, then item, else undefined. Throws RenderError on an undefined value.
Value get_attribute(const Value& object, std::string_view name, Heap& heap);
/// Item first, then attribute, else undefined. Throws RenderError on an undefined value.
Value get_item(const Value& object, const Value& key, Heap& heap);
/// start, stop and step are integers or none. Throws RenderError for what cannot be sliced.
Value get_slice(const Value& object, const Value& start, const Value& stop, const Value& step, Heap& heap);
/// Attribute of the running loop: index, first, previtem, ...; undefined for other names.
Value loop_attribute(const Value& loop, std::string_view name, Heap& heap);

}  // namespace r1v::jinja

// The page itself: markup, style, scripts and data in one file that asks nobody for anything.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace r1v {

/// `data` as page_data makes it. The page allows itself only the style and the scripts that it was built with, by their
/// hashes, and pictures inside of it: text that slips through as markup could still not run or fetch anything.
std::string page_html(const Json& data);

/// & < > " ' as entities, for text between tags and in quoted attributes.
std::string escape_html(std::string_view text);

/// JSON that may stand in a <script> element: no <, > or & in it, all of them written as \u003c and so on.
std::string script_json(const Json& data);

}  // namespace r1v

// Brings the many spellings of an answer (LaTeX, Unicode, markdown) to one before it is parsed.
#pragma once

#include <string>
#include <string_view>

namespace r1v {

/// One spelling: \frac, \sqrt, \pi, * / - ^, % for percent; no $, no spacing commands, no \left \right, \text{...}
/// unwrapped, thousands marks {,} made plain commas. For the expression parser.
std::string clean_math(std::string_view text);

/// Lower case, one space between words, no markup, quotes, articles or closing punctuation. For comparing words.
std::string clean_words(std::string_view text);

/// Without white space, markdown stars, quotes and math delimiters around it, and without a final full stop.
std::string_view trim_answer(std::string_view text);

/// ASCII lower case.
std::string lower(std::string_view text);

/// Index behind the brace that closes the one at `open`; npos when it is never closed. Escaped braces do not count.
size_t closing_brace(std::string_view text, size_t open);

}  // namespace r1v

// JSON lines: one document a line, with the place of every error named.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>

#include "base/json.h"

namespace r1v {

/// Calls `visit` with every document of the file and its line number (from 1). Blank lines are skipped.
/// throws InputError naming file and line at the first line that is not JSON; errors of `visit` pass through.
void for_each_json_line(const std::filesystem::path& path, const std::function<void(const Json&, int64_t line)>& visit);

/// The --json-lines mode of a command: each line of `in` gives exactly one line of `out`, in order, blank lines aside.
/// An InputError of parsing or of `answer` gives {"id": as asked, if any, "error": message} and the work goes on.
/// returns the exit status: 0, or 2 when any line was bad.
int answer_json_lines(std::istream& in, std::ostream& out, const std::function<Json(const Json&)>& answer);

}  // namespace r1v

// The functions that templates call by name.
#include "text/template_functions.h"

#include <array>
#include <cstdio>
#include <ctime>

#include "base/error.h"
#include "text/template_interpreter.h"
#include "text/template_print.h"

namespace r1v::jinja {
namespace {

constexpr int64_t kMaxRange = 100'000;  // the sandbox's own limit

Value make_range(const CallValues& arguments, Heap& heap) {
  const Bound bound("range", "start,stop=,step=", arguments);
  const bool has_stop = bound.has(1);
  const int64_t start = has_stop ? bound.integer(0, 0) : 0;
  const int64_t stop = has_stop ? bound.integer(1, 0) : bound.integer(0, 0);
  const int64_t step = bound.integer(2, 1);
  if (step == 0) throw RenderError("range: the step is 0");
  const double count = (static_cast<double>(stop) - static_cast<double>(start)) / static_cast<double>(step);
  if (count > kMaxRange) throw RenderError(cat("range: more than ", kMaxRange, " values"));
  std::vector<Value> values;
  for (int64_t i = start; step > 0 ? i < stop : i > stop; i += step) values.push_back(Value::of(i));
  return heap.sequence(SequenceKind::range, std::move(values));
}

// dict(mapping or pairs, key=value, ...) as entries.
std::vector<std::pair<Value, Value>> make_entries(const char* what, const CallValues& arguments, Heap& heap) {
  Dict dict;
  if (arguments.positional.size() > 1) throw RenderError(cat(what, " takes at most one argument without a name"));
  if (!arguments.positional.empty()) {
    const Value& source = arguments.positional[0];
    if (source.is(Type::dict)) {
      dict.entries = source.dict->entries;
    } else {
      for (const Value& pair : iterate(source, heap)) {
        const std::vector<Value> parts = iterate(pair, heap);
        if (parts.size() != 2) throw RenderError(cat(what, " needs pairs, found ", parts.size(), " values"));
        dict.put(parts[0], parts[1]);
      }
    }
  }
  for (const auto& [name, value] : arguments.named) dict.put(heap.string(name), value);
  return std::move(dict.entries);
}

Value make_namespace(const CallValues& arguments, Heap& heap) {
  const Value space = heap.name_space();
  for (const auto& [key, value] : make_entries("namespace", arguments, heap)) {
    const std::string name = to_text(key);
    if (name.starts_with('_')) throw RenderError("an attribute of a namespace may not start with \"_\"");
    space.name_space->set(name, value);
  }
  return space;
}

// Days since 1970-01-01 of a date in the Gregorian calendar (Howard Hinnant, "chrono-compatible low-level date
// algorithms", days_from_civil).
int64_t days_from_civil(int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

std::tm read_date(const std::string& text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, date_end = 0, end = 0;
  const bool has_date = std::sscanf(text.c_str(), "%4d-%2d-%2d%n", &year, &month, &day, &date_end) == 3;
  if (static_cast<size_t>(date_end) < text.size()) {
    std::sscanf(text.c_str() + date_end, "T%2d:%2d:%2d%n", &hour, &minute, &second, &end);
  }
  const bool valid = has_date && static_cast<size_t>(date_end + end) == text.size() && month >= 1 && month <= 12 &&
                     day >= 1 && day <= 31 && hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 &&
                     second < 60 && year >= 1;
  if (!valid) {
    throw RenderError(
        cat("the variable \"now\" is \"", printable(text), "\", expected YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS"));
  }
  std::tm date{};
  const int64_t days = days_from_civil(year, month, day);
  date.tm_year = year - 1900;
  date.tm_mon = month - 1;
  date.tm_mday = day;
  date.tm_hour = hour;
  date.tm_min = minute;
  date.tm_sec = second;
  date.tm_wday = static_cast<int>(((days + 4) % 7 + 7) % 7);  // 1970-01-01 was a Thursday
  date.tm_yday = static_cast<int>(days - days_from_civil(year, 1, 1));
  return date;
}

Value print_date(const CallValues& arguments, Interpreter& interpreter) {
  const std::string& format = Bound("strftime_now", "format", arguments).text(0);
  const Value* now = interpreter.now();
  if (now == nullptr || !now->is(Type::string)) {
    throw RenderError("the template prints today's date; give it in the variable \"now\" as YYYY-MM-DDTHH:MM:SS");
  }
  const std::tm date = read_date(*now->text);
  // The space in front tells an empty result from one that did not fit.
  std::array<char, 512> buffer;
  const size_t size = std::strftime(buffer.data(), buffer.size(), (" " + format).c_str(), &date);
  if (size == 0) throw RenderError("strftime_now: the format gives more than 500 characters");
  return interpreter.heap().string(std::string(buffer.data() + 1, size - 1));
}

}  // namespace

Value call_function(Function function, const CallValues& arguments, Interpreter& interpreter) {
  switch (function) {
    case Function::range:
      return make_range(arguments, interpreter.heap());
    case Function::dict:
      return interpreter.heap().dict(make_entries("dict", arguments, interpreter.heap()));
    case Function::name_space:
      return make_namespace(arguments, interpreter.heap());
    case Function::strftime_now:
      return print_date(arguments, interpreter);
    case Function::raise_exception:
      break;
  }
  const Bound bound("raise_exception", "message", arguments);
  throw RenderError(cat("the template refuses the conversation: ", printable(to_text(bound.at(0)), 500)));
}

}  // namespace r1v::jinja

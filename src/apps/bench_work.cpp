// A table of names with the numbers that may follow them.
#include "apps/bench_work.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/error.h"
#include "base/log.h"

namespace r1v {
namespace {

struct Known {
  const char* name;
  MeasureKind kind;
  int64_t usual;    // number where none is given; 0: one must be given; -1: it takes none
  int64_t largest;  // number
};

constexpr std::array kKnown = {
    Known{"limits", MeasureKind::limits, -1, 0},
    Known{"load", MeasureKind::load, -1, 0},
    Known{"first", MeasureKind::first, -1, 0},
    Known{"decode", MeasureKind::decode, 128, int64_t{1} << 20},
    Known{"prefill", MeasureKind::prefill, 512, int64_t{1} << 20},
    Known{"batch", MeasureKind::batch, 0, 256},
    Known{"image", MeasureKind::image, 0, 64},
    Known{"second_question", MeasureKind::second_question, -1, 0},
};

/// "8" or "8k"; 0 where it is neither.
int64_t parse_number(std::string_view digits) {
  int64_t unit = 1;
  if (digits.ends_with('k')) {
    unit = 1024;
    digits.remove_suffix(1);
  }
  int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool is_number = error == std::errc() && end == digits.data() + digits.size();
  return is_number && value > 0 && value <= (int64_t{1} << 20) ? value * unit : 0;
}

Measure parse_measure(const std::string& word) {
  for (const Known& known : kKnown) {
    if (!word.starts_with(known.name)) continue;
    const std::string rest = word.substr(std::string_view(known.name).size());
    if (rest.empty() && known.usual != 0) {
      return {.kind = known.kind, .number = std::max<int64_t>(known.usual, 0), .name = word};
    }
    const int64_t number = known.usual == -1 ? 0 : parse_number(rest);
    if (number > 0 && number <= known.largest) return {.kind = known.kind, .number = number, .name = word};
  }
  throw InputError(cat("--measure: \"", printable(word),
                       "\" is not known; expected limits, load, first, decode or decode8k (any depth), prefill or "
                       "prefill2k, batch8 (1 to 256), image7 (1 to 64 tiles), second_question"));
}

}  // namespace

std::vector<Measure> parse_measures(const std::string& list) {
  std::vector<Measure> measures;
  for (size_t at = 0; at <= list.size();) {
    const size_t end = std::min(list.find(',', at), list.size());
    measures.push_back(parse_measure(list.substr(at, end - at)));
    at = end + 1;
  }
  return measures;
}

std::vector<int64_t> fixed_ids(int64_t count, int64_t vocab_size, uint64_t salt) {
  if (vocab_size < 512) {
    throw InputError(cat("the model has ", vocab_size, " vocabulary rows; r1v bench draws its ids from 512 or more"));
  }
  const uint64_t low = vocab_size > 100000 ? 1000 : 100;
  const uint64_t range = static_cast<uint64_t>(vocab_size) - 2 * low - 300;
  std::vector<int64_t> ids;
  for (uint64_t i = 0; i < static_cast<uint64_t>(count); ++i) {
    const uint64_t mixed = (i + 1 + salt * 7919) * 2654435761 % (uint64_t{1} << 32);
    ids.push_back(static_cast<int64_t>(low + mixed % range));
  }
  return ids;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace r1v

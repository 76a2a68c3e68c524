// The small part of TOML that OptionParser::toml writes.
#include "report/option_lines.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace r1v {
namespace {

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// 4.0000000000000003e-05 -> 4e-05; text that is no number stays.
std::string shortest(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  if (!is_whole || !std::isfinite(value) || text.find_first_of(".e") == std::string_view::npos)
    return std::string(text);
  char out[32];
  return {out, std::to_chars(out, out + sizeof out, value).ptr};
}

// The string whose opening quote is at `at`, which moves behind the closing one.
std::string unquoted(std::string_view text, size_t& at) {
  std::string out;
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) {
      ++at;
      out += text[at] == 'n' ? '\n' : text[at];
    } else {
      out += text[at];
    }
  }
  ++at;
  return out;
}

// A value, or the values of a list joined by commas.
std::string shown(std::string_view value) {
  const bool is_list = value.starts_with('[') && value.ends_with(']');
  if (is_list) value = value.substr(1, value.size() - 2);
  std::string out;
  for (size_t at = 0; at < value.size();) {
    if (value[at] == '"') {
      out += unquoted(value, at);
    } else if (is_list && value[at] == ',') {
      out += ", ";
      ++at;
    } else if (value[at] == ' ' && is_list) {
      ++at;
    } else {
      const size_t end = is_list ? std::min(value.find(',', at), value.size()) : value.size();
      out += shortest(trimmed(value.substr(at, end - at)));
      at = end;
    }
  }
  return out;
}

}  // namespace

OptionLines read_options(std::string_view toml) {
  OptionLines options;
  for (size_t begin = 0; begin < toml.size();) {
    const size_t end = std::min(toml.find('\n', begin), toml.size());
    const std::string_view line = trimmed(toml.substr(begin, end - begin));
    begin = end + 1;
    const size_t equals = line.find('=');
    if (line.starts_with('#') || equals == std::string_view::npos || equals == 0) continue;
    options.emplace_back(trimmed(line.substr(0, equals)), shown(trimmed(line.substr(equals + 1))));
  }
  return options;
}

std::vector<OptionRow> compare_options(const std::vector<OptionLines>& runs) {
  std::vector<OptionRow> rows;
  std::map<std::string, size_t> places;
  for (size_t run = 0; run < runs.size(); ++run) {
    for (const auto& [name, value] : runs[run]) {
      const auto [place, is_new] = places.emplace(name, rows.size());
      if (is_new) rows.push_back({.name = name, .values = std::vector<std::optional<std::string>>(runs.size())});
      rows[place->second].values[run] = value;
    }
  }
  for (OptionRow& row : rows) {
    std::optional<std::optional<std::string>> first;
    for (size_t run = 0; run < runs.size(); ++run) {
      if (runs[run].empty()) continue;
      if (!first) first = row.values[run];
      row.differs = row.differs || row.values[run] != *first;
    }
  }
  return rows;
}

}  // namespace r1v

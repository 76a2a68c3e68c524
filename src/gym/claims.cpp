// Lists into items, items against items.
#include "gym/claims.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "gym/grade.h"

namespace r1v {

namespace {

constexpr std::string_view kSee = "I see ";

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.-") == std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r\n.") + 1 - begin);
}

/// Where the sentence ends: a full stop that no digit follows, or a line break.
size_t sentence_end(std::string_view text, size_t from) {
  for (size_t i = from; i < text.size(); ++i) {
    const bool stops = text[i] == '.' && (i + 1 == text.size() || text[i + 1] == ' ' || text[i + 1] == '\n');
    if (stops || text[i] == '\n' || text[i] == '<') return i;  // "</think>" ends it too
  }
  return text.size();
}

/// What stands behind every "I see".
std::vector<std::string_view> readings_of(std::string_view answer) {
  std::vector<std::string_view> readings;
  for (size_t at = 0; (at = answer.find(kSee, at)) != std::string_view::npos;) {
    at += kSee.size();
    const size_t end = sentence_end(answer, at);
    readings.push_back(answer.substr(at, end - at));
    at = end;
  }
  return readings;
}

/// A cell of a table is the same read by rows and by columns: "thu: anna 7" is "anna: thu 7".
std::string under_heading(const std::string& heading, const std::string& item) {
  if (heading.empty()) return item;
  const size_t space = item.rfind(' ');
  const bool is_cell = space != std::string::npos && is_number(std::string_view(item).substr(space + 1));
  const std::string name = is_cell ? item.substr(0, space) : "";
  if (!is_cell || heading < name) return heading + ": " + item;
  return name + ": " + heading + item.substr(space);
}

/// Items with the heading that they stand under. Commas inside parentheses separate nothing.
std::vector<std::string> items_of(std::string_view list) {
  std::vector<std::string> items;
  std::string heading;
  size_t begin = 0;
  int depth = 0;
  for (size_t i = 0; i <= list.size(); ++i) {
    const char c = i < list.size() ? list[i] : ',';
    if (c == '(') ++depth;
    if (c == ')') --depth;
    const bool is_heading = c == ':' && i + 1 < list.size() && list[i + 1] == ' ';  // "6:30" is none
    if (!is_heading && (i < list.size() && (depth > 0 || (c != ',' && c != ';')))) continue;
    const std::string_view item = trimmed(list.substr(begin, i - begin));
    begin = i + 1;
    if (is_heading) {
      heading = std::string(item);
    } else if (!item.empty()) {
      items.push_back(under_heading(heading, std::string(item)));
    }
  }
  return items;
}

/// "dice" of "dice 1, 3": words before a number that bare numbers follow.
void collect_headings(const std::vector<std::string>& items, std::set<std::string>& headings) {
  for (size_t i = 0; i + 1 < items.size(); ++i) {
    const size_t space = items[i].rfind(' ');
    if (space == std::string::npos || !is_number(items[i + 1])) continue;
    if (is_number(std::string_view(items[i]).substr(space + 1))) headings.insert(items[i].substr(0, space));
  }
}

void drop_headings(std::vector<std::string>& items, const std::set<std::string>& headings) {
  for (std::string& item : items) {
    const size_t space = item.rfind(' ');
    if (space == std::string::npos || !headings.contains(item.substr(0, space))) continue;
    if (is_number(std::string_view(item).substr(space + 1))) item.erase(0, space + 1);
  }
}

/// "first short hand past 12" says of the first clock what the transcript says without the word.
std::string without_ordinal(const std::string& item) {
  for (const std::string_view word : {"first ", "second "}) {
    if (item.starts_with(word)) return item.substr(word.size());
  }
  return item;
}

Claims compare(std::vector<std::string> claimed, std::vector<std::string> truth) {
  std::set<std::string> headings;
  collect_headings(claimed, headings);
  collect_headings(truth, headings);
  drop_headings(claimed, headings);
  drop_headings(truth, headings);
  std::map<std::string, int64_t> left;
  for (const std::string& item : truth) ++left[item];
  Claims claims;
  for (const std::string& item : claimed) {
    ++claims.made;
    int64_t& there = left[left.contains(item) ? item : without_ordinal(item)];
    if (--there < 0) ++claims.wrong;
  }
  return claims;
}

}  // namespace

Claims count_claims(const std::string& answer, const std::string& transcript) {
  const bool has_headings = transcript.find(": ") != std::string::npos;
  Claims claims;
  for (std::string_view reading : readings_of(answer)) {
    if (!has_headings) reading = reading.substr(0, reading.find(": "));
    const Claims found = compare(items_of(reading), items_of(transcript));
    claims.made += found.made;
    claims.wrong += found.wrong;
  }
  return claims;
}

void ClaimRate::add(const Claims& claims) {
  if (claims.made == 0) {
    ++silent_;
    return;
  }
  ++answers_;
  made_ += claims.made;
  wrong_ += claims.wrong;
  answers_wrong_ += claims.wrong > 0 ? 1 : 0;
  const auto made = static_cast<double>(claims.made), wrong = static_cast<double>(claims.wrong);
  made_squares_ += made * made;
  wrong_squares_ += wrong * wrong;
  products_ += made * wrong;
}

double ClaimRate::rate() const { return made_ == 0 ? 0 : static_cast<double>(wrong_) / static_cast<double>(made_); }

std::pair<double, double> ClaimRate::interval() const {
  const double share = rate(), made = static_cast<double>(made_);
  if (made_ == 0) return {0, 1};
  // Variance of a ratio: sum over answers of (wrong - share * made)^2 / (sum of made)^2.
  const double variance = (wrong_squares_ - 2 * share * products_ + share * share * made_squares_) / (made * made);
  const bool is_plain = variance > 1e-12 && share > 0 && share < 1;
  const double size = is_plain ? std::min(made, share * (1 - share) / variance) : static_cast<double>(answers_);
  return wilson_interval(share, size);
}

}  // namespace r1v

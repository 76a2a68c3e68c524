// Lists of words, and which of them a question has.
#include "recipes/vtia.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string_view>
#include <vector>

namespace r1v {
namespace {

using Words = std::vector<std::string>;

constexpr std::array kQuantities = {"many", "much", "old", "tall", "long", "far", "often", "heavy", "big", "large"};
constexpr std::array kPresuppositions = {"the",   "this",   "that",     "these",   "those", "again",  "still",
                                         "since", "after",  "before",   "because", "while", "stop",   "stops",
                                         "begin", "begins", "continue", "realize", "know",  "another"};
constexpr std::array kRelations = {"left",   "right",  "above",    "below",    "between",  "behind",       "under",
                                   "over",   "inside", "outside",  "beside",   "near",     "nearest",      "next",
                                   "around", "front",  "opposite", "adjacent", "parallel", "perpendicular"};
constexpr std::array kDeterminers = {"the", "a", "an", "each", "every", "both", "two", "three", "four", "its", "their"};
constexpr std::array kTechnical = {
    "angle",    "radius",     "diameter",   "circumference", "perimeter",     "area",         "volume",
    "triangle", "polygon",    "slope",      "tangent",       "derivative",    "integral",     "function",
    "equation", "vector",     "matrix",     "ratio",         "percentage",    "probability",  "median",
    "mean",     "variance",   "axis",       "velocity",      "speed",         "acceleration", "force",
    "mass",     "energy",     "momentum",   "pressure",      "voltage",       "current",      "resistance",
    "circuit",  "capacitor",  "lens",       "wavelength",    "frequency",     "molecule",     "atom",
    "bond",     "reaction",   "acid",       "oxidation",     "enzyme",        "cell",         "mitosis",
    "gene",     "species",    "latitude",   "longitude",     "supply",        "demand",       "equilibrium",
    "rhombus",  "hypotenuse", "coordinate", "coordinates",   "perpendicular", "parallel",     "quadrilateral",
    "chord"};
constexpr std::array kAsking = {"what", "where", "which", "who"};
constexpr std::array kBeing = {"is", "are", "was", "were"};
constexpr std::array kAttributes = {"colour", "color", "shape", "object", "animal", "number", "word", "letter", "text"};
constexpr std::array kNaming = {"name", "identify", "read", "recognize"};
constexpr std::array kSeen = {"picture", "image",   "photo", "photograph", "figure",  "diagram", "chart", "graph",
                              "table",   "map",     "plot",  "drawing",    "scene",   "shown",   "show",  "shows",
                              "see",     "seen",    "drawn", "depicted",   "visible", "left",    "right", "above",
                              "below",   "between", "this",  "these",      "here"};

/// In small letters, without punctuation.
Words words_in(const std::string& text) {
  Words words(1);
  for (const unsigned char c : text) {
    if (std::isalnum(c) || c >= 0x80) {
      words.back() += static_cast<char>(std::tolower(c));
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

template <size_t N>
bool is_one_of(const std::string& word, const std::array<const char*, N>& list) {
  return std::ranges::find(list, std::string_view(word)) != list.end();
}

template <size_t N>
auto count_of(const Words& words, const std::array<const char*, N>& list) {
  return std::ranges::count_if(words, [&](const std::string& word) { return is_one_of(word, list); });
}

/// "angles" is the term "angle".
std::string singular(const std::string& word) {
  if (word.size() > 3 && word.ends_with('s') && !word.ends_with("ss") && !is_one_of(word, kTechnical)) {
    return word.substr(0, word.size() - 1);
  }
  return word;
}

bool asks_for_manner(const Words& words) {
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "why") return true;
    if (words[i] == "how" && (i + 1 == words.size() || !is_one_of(words[i + 1], kQuantities))) return true;
  }
  return false;
}

/// "what is the", "where are the", and with one word between: "which car is the".
bool asks_for_the(const Words& words) {
  for (size_t i = 0; i + 2 < words.size(); ++i) {
    if (!is_one_of(words[i], kAsking)) continue;
    for (size_t being = i + 1; being <= i + 2 && being + 1 < words.size(); ++being) {
      if (is_one_of(words[being], kBeing) && words[being + 1] == "the") return true;
    }
  }
  return false;
}

bool asks_for_a_name(const Words& words) {
  for (size_t i = 0; i < words.size(); ++i) {
    if (is_one_of(words[i], kNaming)) return true;
    if (words[i] != "what" && words[i] != "which") continue;
    if (i + 1 < words.size() && is_one_of(words[i + 1], kAttributes)) return true;
    if (i + 2 < words.size() && words[i + 1] == "is" && (words[i + 2] == "this" || words[i + 2] == "that")) return true;
  }
  return false;
}

}  // namespace

IntegrationPatterns find_patterns(const std::string& question) {
  const Words words = words_in(question);
  std::set<std::string> terms;
  for (const std::string& word : words) {
    if (is_one_of(singular(word), kTechnical)) terms.insert(singular(word));
  }
  return {.asks_why = asks_for_manner(words) && count_of(words, kPresuppositions) > 0,
          .relates_things = count_of(words, kRelations) > 0 && count_of(words, kDeterminers) >= 2,
          .is_technical = terms.size() >= 2,
          .asks_what = asks_for_the(words),
          .names_things = asks_for_a_name(words),
          .needs_no_picture = count_of(words, kSeen) == 0};
}

double integration_score(const IntegrationPatterns& patterns) {
  const int deep = (patterns.asks_why ? 1 : 0) + (patterns.relates_things ? 1 : 0) + (patterns.is_technical ? 1 : 0);
  const int shallow =
      (patterns.asks_what ? 1 : 0) + (patterns.names_things ? 1 : 0) + (patterns.needs_no_picture ? 1 : 0);
  return 5 + 5.0 / 3 * (deep - shallow);
}

}  // namespace r1v

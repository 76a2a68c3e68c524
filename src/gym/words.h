// The small vocabulary that all families share, so that a small tokenizer and a small model can learn it.
#pragma once

#include <array>
#include <string>

namespace r1v {

inline const std::array<std::string, 12> kFruits = {"apples", "pears",  "plums",  "figs",   "limes", "dates",
                                                    "kiwis",  "lemons", "grapes", "melons", "nuts",  "cherries"};
inline const std::array<std::string, 8> kNames = {"anna", "ben", "carl", "dora", "emil", "finn", "gina", "hugo"};
inline const std::array<std::string, 7> kWeekdays = {"monday", "tuesday",  "wednesday", "thursday",
                                                     "friday", "saturday", "sunday"};
/// Three letters, as printed under narrow charts.
inline const std::array<std::string, 7> kShortDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
inline const std::array<std::string, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                    "jul", "aug", "sep", "oct", "nov", "dec"};
/// The colours that things have; canvas.h also knows black and white.
inline const std::array<std::string, 8> kColors = {"red",  "orange", "yellow", "green",
                                                   "blue", "purple", "pink",   "gray"};
/// The shapes that Canvas::shape draws.
inline const std::array<std::string, 8> kShapes = {"circle",  "square", "triangle", "star",
                                                   "diamond", "heart",  "cross",    "moon"};
inline const std::array<std::string, 5> kLetters = {"A", "B", "C", "D", "E"};

}  // namespace r1v

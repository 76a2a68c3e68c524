// Phrasings, slips and options, the same way in every family.
#include "gym/draft.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/error.h"

namespace r1v {

Draft::Draft(const char* family, uint64_t seed, int level)
    : rng(mix_seed(mix_seed(seed, family), static_cast<uint64_t>(level))) {
  R1V_CHECK(level >= 1 && level <= 5, "level ", level, " of family ", family);
  task.family = family;
  task.level = level;
  task.scene = Json::object();
}

void Draft::ask(const std::vector<std::string>& phrasings, const std::string& kind, const std::string& answer) {
  task.question = rng.pick(phrasings);
  task.kind = kind;
  task.answer = answer;
  task.distractors.clear();
}

void Draft::ask(const std::vector<std::string>& phrasings, int answer) {
  ask(phrasings, "number", std::to_string(answer));
}

void Draft::slip(const std::string& answer, const std::string& mistake) {
  const auto same = [&](const Distractor& other) { return other.answer == answer; };
  if (answer == task.answer || std::ranges::any_of(task.distractors, same)) return;
  task.distractors.push_back({answer, mistake});
}

void Draft::offer_options(const std::vector<std::string>& spares) {
  for (const std::string& spare : spares) slip(spare, "picked an option without a reason");
  R1V_CHECK(task.distractors.size() >= 3, task.family, " has too few wrong options");
  task.distractors.resize(3);
  std::vector<std::string> options = {task.answer};
  for (const Distractor& wrong : task.distractors) options.push_back(wrong.answer);
  rng.shuffle(options);
  const auto letter_of = [&](const std::string& option) {
    return std::string(1, static_cast<char>('A' + (std::ranges::find(options, option) - options.begin())));
  };
  Json listed = Json::object();
  for (const std::string& option : options) {
    task.question += cat(" (", letter_of(option), ") ", option);
    listed[letter_of(option)] = option;
  }
  task.scene["options"] = listed;
  const std::string letter = letter_of(task.answer);
  task.solution += cat(" ", task.answer, " is option ", letter, ".");
  for (Distractor& wrong : task.distractors) wrong.answer = letter_of(wrong.answer);
  task.kind = "choice";
  task.answer = letter;
}

std::string join(const std::vector<std::string>& words, const std::string& separator) {
  std::string joined;
  for (size_t i = 0; i < words.size(); ++i) joined += (i ? separator : "") + words[i];
  return joined;
}

std::string join(const std::vector<int>& numbers, const std::string& separator) {
  std::vector<std::string> words;
  for (const int number : numbers) words.push_back(std::to_string(number));
  return join(words, separator);
}

std::string tenths(int value) {
  const int size = std::abs(value);
  return cat(value < 0 ? "-" : "", size / 10, size % 10 ? cat(".", size % 10) : "");
}

std::string fraction(int numerator, int denominator) {
  return denominator == 1 ? std::to_string(numerator) : cat(numerator, "/", denominator);
}

Paint ink(Rng& rng, int level) {
  static const std::array<std::string, 4> kDark = {"black", "blue", "purple", "brown"};
  return level <= 2 ? paint("black") : paint(rng.pick(kDark), rng);
}

Paint accent(Rng& rng) {
  static const std::array<std::string, 6> kStrong = {"red", "blue", "green", "purple", "orange", "brown"};
  return paint(rng.pick(kStrong), rng);
}

Mark place(const std::string& kind, Point center, double width, double height, int value) {
  return {.kind = kind, .cx = center.x, .cy = center.y, .width = width, .height = height, .value = value};
}

}  // namespace r1v

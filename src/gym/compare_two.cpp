// Two pictures: how many things in both, how many more in one, numbers on two cards, the thing that is missing.
#include <algorithm>
#include <array>

#include "base/error.h"
#include "gym/calculation.h"
#include "gym/draft.h"
#include "gym/families.h"
#include "gym/figure.h"
#include "gym/things.h"

namespace r1v {

namespace {

constexpr int kMostOfLevel[] = {0, 5, 8, 9, 12, 16};  // things in one picture

ThingGrid grid_of(int level) { return {.rows = level <= 3 ? 3 : 4, .columns = level <= 3 ? 3 : 4}; }

void set_scene(Draft& draft, const std::string& asked, const std::vector<std::vector<Thing>>& pictures) {
  Json list = Json::array();
  for (const std::vector<Thing>& things : pictures) list.push_back(things_json(things));
  draft.task.scene = {{"ask", asked}, {"pictures", list}};
}

/// A sum or a difference; `what` are the things counted, "" for the numbers on cards. The larger one may be second.
void ask_two_numbers(Draft& draft, int first, int second, const std::string& what, const std::string& see) {
  const bool first_is_larger = first >= second;
  const int large = std::max(first, second), small = std::min(first, second);
  const std::string larger = first_is_larger ? "first" : "second", smaller = first_is_larger ? "second" : "first";
  if (draft.task.scene["ask"] == "total") {
    draft.ask(what.empty() ? std::vector<std::string>{"What is the sum of the two numbers?",
                                                      "Add the numbers of the two pictures."}
                           : std::vector<std::string>{cat("How many ", what, " are there in both pictures together?"),
                                                      cat("How many ", what, " do the two pictures show in total?")},
              first + second);
    draft.task.solution = cat(see, worked_sum(first, second), ".");
    draft.slip(large - small, "took the difference");
    draft.slip(large, "looked at one picture only");
  } else {
    draft.ask(what.empty()
                  ? std::vector<std::string>{"What is the difference of the two numbers?",
                                             cat("By how much is the number in the ", larger, " picture larger?")}
                  : std::vector<std::string>{cat("How many more ", what, " are in the ", larger,
                                                 " picture than in the ", smaller, "?"),
                                             cat("By how many ", what, " do the two pictures differ?")},
              large - small);
    draft.task.solution = cat(see, worked_difference(large, small), ".");
    draft.slip(first + second, "added");
    draft.slip(large, "looked at one picture only");
  }
  const int answer = std::stoi(draft.task.answer);
  draft.slip(answer + 1, "miscounted by one");
  if (answer > 0) draft.slip(answer - 1, "miscounted by one");
}

/// From level 3 on other things lie between those that count.
Task counts_task(Draft& draft) {
  const int level = draft.task.level, most = kMostOfLevel[level];
  const ThingGrid grid = grid_of(level);
  const Thing counted = {.shape = draft.rng.pick(level_shapes(level)), .color = draft.rng.pick(level_colors(level))};
  const bool is_total = draft.chance(0.5);
  const std::array<int, 2> counts = {draft.number(1, most), draft.number(1, most)};
  std::vector<std::vector<Thing>> pictures;
  for (const int count : counts) {
    std::vector<Thing> things(static_cast<size_t>(count), counted);
    const int others = level >= 3 ? std::min(draft.number(1, level), grid.rows * grid.columns - count) : 0;
    for (int i = 0; i < others; ++i) {
      Thing other = {.shape = draft.rng.pick(level_shapes(level)), .color = counted.color};
      while (other.shape == counted.shape) other.shape = draft.rng.pick(level_shapes(level));
      things.push_back(other);
    }
    scatter(things, grid, draft.rng);
    draft.task.pictures.push_back(draw_things(things, grid, level, draft.rng));
    pictures.push_back(things);
  }
  set_scene(draft, is_total ? "total" : "difference", pictures);
  draft.task.scene["counted"] = counted.shape;
  const std::string what = plural(counted.shape);
  draft.task.transcript = cat("first: ", what, " ", counts[0], ", second: ", what, " ", counts[1]);
  ask_two_numbers(draft, counts[0], counts[1], what, cat("I see ", draft.task.transcript, ". "));
  return draft.task;
}

GymPicture draw_card(Draft& draft, int number) {
  const int level = draft.task.level;
  Rng& rng = draft.rng;
  Canvas canvas(112, 112, paper(rng, level));
  const double width = rng.uniform(70, 96), height = rng.uniform(54, 80);
  const double left = rng.uniform(6, 106 - width), top = rng.uniform(6, 106 - height);
  canvas.fill_rect(left, top, width, height, tint(rng));
  canvas.stroke_rect(left, top, width, height, ink(rng, level), 2.5);
  const Point center = {left + width / 2, top + height / 2};
  canvas.mark(place("box", center, width, height, number > 99 ? -1 : number));
  TextStyle style = {.size = rng.uniform(24, 32), .font = pick_font(rng, level), .paint = ink(rng, level)};
  style.size = canvas.fitting_size(std::to_string(number), style, width - 10);
  canvas.text(std::to_string(number), center, style);
  return canvas.finish(rng, level);
}

Task cards_task(Draft& draft) {
  static constexpr std::array<int, 6> kLargest = {0, 50, 99, 199, 499, 999};
  const int level = draft.task.level, largest = kLargest[static_cast<size_t>(level)];
  const int first = draft.number(level == 1 ? 1 : 10, largest);
  int second = first;
  while (second == first) second = draft.number(level == 1 ? 1 : 10, largest);
  for (const int number : {first, second}) draft.task.pictures.push_back(draw_card(draft, number));
  draft.task.transcript = cat("first: ", first, ", second: ", second);
  const std::string see = cat("I see ", draft.task.transcript, ". ");
  if (level == 1 || draft.chance(0.25)) {
    const bool wants_large = draft.chance(0.5);
    const int answer = wants_large ? std::max(first, second) : std::min(first, second);
    draft.task.scene = {{"ask", wants_large ? "larger" : "smaller"}, {"numbers", {first, second}}};
    const std::string word = wants_large ? "larger" : "smaller";
    draft.ask({cat("What is the ", word, " of the two numbers?"), cat("Which of the two numbers is ", word, "?")},
              answer);
    draft.task.solution = cat(see, answer, " is ", word, ".");
    draft.slip(first + second - answer, "took the other number");
    draft.slip(answer + 10, "misread a digit");
    draft.slip(answer + 1, "misread a digit");
    return draft.task;
  }
  draft.task.scene = {{"ask", draft.chance(0.5) ? "total" : "difference"}, {"numbers", {first, second}}};
  ask_two_numbers(draft, first, second, "", see);
  return draft.task;
}

/// The second picture shows the things of the first but one, in other places.
Task missing_task(Draft& draft) {
  const int level = draft.task.level;
  const ThingGrid grid = grid_of(level);
  const std::vector<std::string> shapes =
      sample(level_shapes(level), level <= 2 ? level + 2 : std::min(8, level + 2), draft.rng);
  const std::string color = draft.rng.pick(level_colors(level));
  std::vector<Thing> first, second;
  for (const std::string& shape : shapes) first.push_back({.shape = shape, .color = color});
  second.assign(first.begin() + 1, first.end());
  for (std::vector<Thing>* things : {&first, &second}) {
    scatter(*things, grid, draft.rng);
    draft.task.pictures.push_back(draw_things(*things, grid, level, draft.rng));
  }
  set_scene(draft, "missing", {first, second});
  std::vector<std::string> words, others;
  for (const Thing& thing : first) words.push_back(thing.shape);
  for (const Thing& thing : second) others.push_back(thing.shape);
  draft.task.transcript = cat("first: ", join(words), "; second: ", join(others));
  draft.ask(
      {"Which shape is in the first picture but not in the second?", "Which shape is missing in the second picture?"},
      "word", shapes[0]);
  draft.task.solution = cat("I see ", draft.task.transcript, ". The second has no ", shapes[0], ".");
  for (size_t i = 1; i < shapes.size() && i <= 3; ++i) draft.slip(shapes[i], "overlooked it in the second picture");
  return draft.task;
}

}  // namespace

Task make_compare_two(uint64_t seed, int level, Split) {
  Draft draft("compare_two", seed, level);
  const double kind = draft.rng.uniform();
  return kind < 0.4 ? counts_task(draft) : kind < 0.75 ? cards_task(draft) : missing_task(draft);
}

}  // namespace r1v

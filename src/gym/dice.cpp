// Dice and dominoes: how many pips in total, on the larger die, or between two of them?
#include <algorithm>
#include <array>
#include <numeric>

#include "base/error.h"
#include "gym/calculation.h"
#include "gym/draft.h"
#include "gym/families.h"

namespace r1v {

namespace {

/// Columns and rows of the pips on a face, in units of a third of it: -1, 0, 1 from the centre.
std::vector<Point> pips_of(int value) {
  std::vector<Point> pips;
  if (value % 2 == 1) pips.push_back({0, 0});
  if (value >= 2) pips.insert(pips.end(), {{-1, -1}, {1, 1}});
  if (value >= 4) pips.insert(pips.end(), {{1, -1}, {-1, 1}});
  if (value == 6) pips.insert(pips.end(), {{-1, 0}, {1, 0}});
  return pips;
}

struct Look {
  Paint body, edge, pip;
};

Look pick_look(Rng& rng, int level) {
  static const std::array<std::string, 4> kBodies = {"red", "blue", "green", "black"};
  const Paint dark = paint("black"), light = paint("white");
  if (level == 1 || rng.chance(0.6)) return {light, dark, rng.chance(0.7) ? dark : paint(rng.pick(kBodies), rng)};
  return {paint(rng.pick(kBodies), rng), dark, light};
}

/// One face of `size` pixels around `center`; `is_upright` false turns the pips of 2, 3 and 6 by a quarter.
void draw_face(Canvas& canvas, Point center, double size, int value, const Look& look, bool is_upright) {
  canvas.fill_rect(center.x - size / 2, center.y - size / 2, size, size, look.body);
  canvas.stroke_rect(center.x - size / 2, center.y - size / 2, size, size, look.edge, 2);
  canvas.mark(place("die", center, size, size, value));
  const double radius = 0.1 * size, step = 0.28 * size;
  for (const Point& pip : pips_of(value)) {
    const Point at = {center.x + step * (is_upright ? pip.x : pip.y), center.y + step * (is_upright ? pip.y : -pip.x)};
    canvas.fill_circle(at, radius, look.pip);
    canvas.mark(place("pip", at, 2 * radius, 2 * radius));
  }
}

struct Faces {
  bool are_dominoes = false;  // then faces 2i and 2i + 1 are the upper and lower half of domino i
  std::vector<int> values;
};

Faces plan(Draft& draft) {
  static constexpr std::array<int, 6> kDice = {0, 2, 3, 4, 6, 8};
  const int level = draft.task.level;
  Faces faces{.are_dominoes = level >= 2 && draft.chance(0.4)};
  const int count = faces.are_dominoes ? 2 * std::max(1, level - 1) : kDice[static_cast<size_t>(level)];
  for (int i = 0; i < count; ++i) faces.values.push_back(draft.number(faces.are_dominoes ? 0 : 1, 6));
  return faces;
}

void draw(Draft& draft, const Faces& faces) {
  const int level = draft.task.level;
  const int count = static_cast<int>(faces.values.size());
  Rng& rng = draft.rng;
  const int columns = faces.are_dominoes ? count / 2 : count <= 4 ? 2 : count <= 6 ? 3 : 4;
  const int rows = (count + columns - 1) / columns;
  const int width = columns <= 2 ? 112 : 224;
  Canvas canvas(width, 112, paper(rng, level));
  const double cell = static_cast<double>(width) / columns;
  const double size = faces.are_dominoes ? 46 : rng.uniform(40, 46);
  Look look = pick_look(rng, level);
  for (int i = 0; i < count; ++i) {
    if (!faces.are_dominoes && level >= 3) look = pick_look(rng, level);
    const int column = faces.are_dominoes ? i / 2 : i % columns, row = faces.are_dominoes ? i % 2 : i / columns;
    Point center = {(column + 0.5) * cell, 56 + size * (row - 0.5)};
    if (!faces.are_dominoes) {
      const double side_slack = (cell - size) / 2 - 2, slack = (112.0 / rows - size) / 2 - 2;
      center = {center.x + rng.uniform(-side_slack, side_slack), (row + 0.5) * 112 / rows + rng.uniform(-slack, slack)};
    }
    draw_face(canvas, center, size, faces.values[static_cast<size_t>(i)], look, faces.are_dominoes || rng.chance(0.5));
  }
  draft.task.pictures.push_back(canvas.finish(rng, level));
}

std::string read_off(const Faces& faces) {
  if (!faces.are_dominoes) return cat("dice ", join(faces.values));
  std::vector<std::string> words;
  for (size_t i = 0; i < faces.values.size(); i += 2)
    words.push_back(cat(faces.values[i], " and ", faces.values[i + 1]));
  return cat("domino ", join(words));
}

void ask_total(Draft& draft, const Faces& faces) {
  const int total = std::accumulate(faces.values.begin(), faces.values.end(), 0);
  const std::string things = faces.are_dominoes ? "dominoes" : "dice";
  draft.ask({cat("How many pips are on the ", things, " in total?"),
             cat("What is the sum of all pips on the ", things, "?"), "How many pips do you see?"},
            total);
  draft.task.scene["ask"] = "total";
  draft.task.solution = cat("I see ", draft.task.transcript, ". ", worked_sum(faces.values), ".");
  draft.slip(total + 1, "counted one pip twice");
  draft.slip(total - 1, "missed one pip");
  draft.slip(total - faces.values.back(), "left out the last face");
}

void ask_difference(Draft& draft, const Faces& faces) {
  const auto [low, high] = std::ranges::minmax(faces.values);
  draft.ask({"How many more pips has the largest die than the smallest die?",
             "What is the difference of the largest and the smallest die?"},
            high - low);
  draft.task.scene["ask"] = "difference";
  draft.task.solution = cat("I see ", draft.task.transcript, ". Largest ", high, ", smallest ", low, ". ",
                            worked_difference(high, low), ".");
  draft.slip(high + low, "added instead of taking the difference");
  draft.slip(high, "gave the largest die");
  draft.slip(std::abs(high - low - 1), "miscounted one pip");
}

void ask_product(Draft& draft, const Faces& faces) {
  const int first = faces.values[0], second = faces.values[1];
  draft.ask({"What do you get when you multiply the pips of the two dice?", "What is the product of the two dice?"},
            first * second);
  draft.task.scene["ask"] = "product";
  draft.task.solution = cat("I see ", draft.task.transcript, ". ", worked_product(first, second), ".");
  draft.slip(first + second, "added instead of multiplying");
  draft.slip(first * second + first, "one time too many");
  draft.slip(first * second - second, "one time too few");
}

}  // namespace

Task make_dice(uint64_t seed, int level, Split) {
  Draft draft("dice", seed, level);
  const Faces faces = plan(draft);
  draw(draft, faces);
  draft.task.transcript = read_off(faces);
  draft.task.scene = {{"kind", faces.are_dominoes ? "dominoes" : "dice"}, {"values", faces.values}};
  if (!faces.are_dominoes && faces.values.size() == 2 && draft.chance(0.25)) {
    ask_product(draft, faces);
  } else if (!faces.are_dominoes && level >= 2 && level <= 4 && draft.chance(0.25)) {
    ask_difference(draft, faces);
  } else {
    ask_total(draft, faces);
  }
  return draft.task;
}

}  // namespace r1v

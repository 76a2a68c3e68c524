// Balance scales: numbered weights and equal shapes of unknown weight, in balance; how heavy is one shape?
#include <algorithm>
#include <array>

#include "base/error.h"
#include "gym/calculation.h"
#include "gym/draft.h"
#include "gym/families.h"

namespace r1v {

namespace {

/// One side: how many of the unknown shape, how many of the second one, and the weights.
struct Pan {
  int unknowns = 0, seconds = 0;
  std::vector<int> weights;
};

struct Puzzle {
  std::string shape, second_shape;  // second_shape: only with two scales
  std::vector<Pan> pans;            // left, right, left, right
  int heavy = 0, second_heavy = 0;  // what one shape weighs

  bool has_two() const { return pans.size() == 4; }
};

Puzzle plan(Draft& draft) {
  static const std::vector<std::string> kForms = {"circle", "triangle", "star", "heart", "diamond", "moon"};
  std::vector<std::string> forms = kForms;
  draft.rng.shuffle(forms);
  Puzzle puzzle{.shape = forms[0], .second_shape = forms[1]};
  const int level = draft.task.level;
  const int x = puzzle.heavy = draft.number(level == 1 ? 1 : 2, level <= 2 ? 9 : 15);
  const bool first = draft.chance(0.5);
  Pan left, right;
  if (level == 1 || (level == 2 && first)) {
    const int weight = draft.number(1, level == 1 ? 9 : 30);
    left = {1, 0, {weight}}, right = {0, 0, {x + weight}};
  } else if (level == 2) {
    left = {2, 0, {}}, right = {0, 0, {2 * x}};
  } else if (level == 3) {
    const int count = draft.number(2, 3), weight = draft.number(1, 20);
    left = {count, 0, {weight}}, right = {0, 0, {count * x + weight}};
  } else if (level == 4) {
    const int more = draft.number(1, 2), fewer = 1, weight = draft.number(1, 20);
    left = {fewer + more, 0, {weight}}, right = {fewer, 0, {more * x + weight}};
  } else {
    const int weight = draft.number(1, 12), other = draft.number(1, 12), count = draft.number(1, 2);
    puzzle.second_heavy = count * x + other;
    puzzle.pans = {{1, 0, {weight}}, {0, 0, {x + weight}}, {0, 1, {}}, {count, 0, {other}}};
    return puzzle;
  }
  if (draft.chance(0.5)) std::swap(left, right);
  puzzle.pans = {left, right};
  return puzzle;
}

struct Look {
  Paint dark, color, second_color, box;
  TextStyle text;
};

/// Things stand on the beam at `floor`, two in a row, rows upwards, around the middle `x`.
void draw_pan(Canvas& canvas, const Puzzle& puzzle, const Pan& pan, double x, double floor, const Look& look) {
  const int count = pan.unknowns + pan.seconds + static_cast<int>(pan.weights.size());
  const double size = 24;
  for (int i = 0; i < count; ++i) {
    const int in_row = std::min(2, count - i / 2 * 2);
    const Point at = {x + (i % 2 - (in_row - 1) / 2.0) * size, floor - size * (i / 2 + 0.5)};
    if (i < pan.unknowns) {
      canvas.shape(puzzle.shape, at, size - 2, {.paint = look.color});
    } else if (i < pan.unknowns + pan.seconds) {
      canvas.shape(puzzle.second_shape, at, size - 2, {.paint = look.second_color});
    } else {
      const int weight = pan.weights[static_cast<size_t>(i - pan.unknowns - pan.seconds)];
      canvas.fill_rect(at.x - size / 2 + 1, at.y - size / 2 + 1, size - 2, size - 2, look.box);
      canvas.stroke_rect(at.x - size / 2 + 1, at.y - size / 2 + 1, size - 2, size - 2, look.dark, 1.5);
      canvas.mark(place("weight", at, size - 2, size - 2, weight));
      canvas.text(std::to_string(weight), at, look.text);
    }
  }
}

void draw(Draft& draft, const Puzzle& puzzle) {
  const int level = draft.task.level, num_scales = puzzle.has_two() ? 2 : 1;
  Rng& rng = draft.rng;
  Canvas canvas(112 * num_scales, 112, paper(rng, level));
  std::vector<std::string> colors = {"red", "blue", "green", "purple", "orange"};
  rng.shuffle(colors);
  const Paint dark = ink(rng, level);
  const Look look = {dark,
                     paint(colors[0], rng),
                     paint(colors[1], rng),
                     Paint{"white", 0.96, 0.94, 0.86},
                     {.size = level <= 2 ? 16.0 : 15.0, .font = pick_font(rng, level), .paint = dark}};
  for (int scale = 0; scale < num_scales; ++scale) {
    const double middle = 56 + 112 * scale, floor = rng.uniform(72, 84);
    canvas.line({middle - 53, floor + 2}, {middle + 53, floor + 2}, dark, 3.5);
    canvas.fill_polygon({{middle, floor + 3}, {middle + 11, floor + 23}, {middle - 11, floor + 23}}, dark);
    canvas.mark(place("support", {middle, floor + 13}, 22, 20));
    draw_pan(canvas, puzzle, puzzle.pans[static_cast<size_t>(2 * scale)], middle - 30, floor, look);
    draw_pan(canvas, puzzle, puzzle.pans[static_cast<size_t>(2 * scale + 1)], middle + 30, floor, look);
  }
  draft.task.pictures.push_back(canvas.finish(rng, level));
}

std::string many(int count, const std::string& shape) { return count == 1 ? shape : cat(count, " ", shape, "s"); }

std::string read_pan(const Puzzle& puzzle, const Pan& pan) {
  std::vector<std::string> words;
  if (pan.unknowns > 0) words.push_back(many(pan.unknowns, puzzle.shape));
  if (pan.seconds > 0) words.push_back(many(pan.seconds, puzzle.second_shape));
  for (const int weight : pan.weights) words.push_back(std::to_string(weight));
  return join(words, " + ");
}

std::string read_off(const Puzzle& puzzle) {
  std::vector<std::string> scales;
  for (size_t i = 0; i < puzzle.pans.size(); i += 2) {
    scales.push_back(cat(read_pan(puzzle, puzzle.pans[i]), " = ", read_pan(puzzle, puzzle.pans[i + 1])));
  }
  return join(scales);
}

/// Solves one scale for the unknown: cancels equal shapes, takes the weight away, divides.
std::string solve_scale(const Puzzle& puzzle) {
  const bool left_has_more = puzzle.pans[0].unknowns > puzzle.pans[1].unknowns;
  const Pan& more = puzzle.pans[left_has_more ? 0 : 1];
  const Pan& less = puzzle.pans[left_has_more ? 1 : 0];
  const int count = more.unknowns - less.unknowns, weight = more.weights.empty() ? 0 : more.weights[0],
            total = less.weights.at(0);
  std::string text;
  if (less.unknowns > 0)
    text = cat("Take ", many(less.unknowns, puzzle.shape), " from both sides: ", many(count, puzzle.shape), " + ",
               weight, " = ", total, ". ");
  if (weight > 0) text += worked_difference(total, weight) + ". ";
  if (count > 1 && weight > 0) text += cat(many(count, puzzle.shape), " = ", total - weight, ". ");
  if (count > 1) text += cat(worked_quotient(total - weight, count), ". ");
  return text;
}

void ask_second(Draft& draft, const Puzzle& puzzle, const std::string& see) {
  const Pan& pan = puzzle.pans[3];
  const std::string& name = puzzle.second_shape;
  draft.ask({cat("How heavy is one ", name, "?"), cat("What does the ", name, " weigh?")}, puzzle.second_heavy);
  draft.task.solution = cat(see, solve_scale(puzzle), "So the ", puzzle.shape, " is ", puzzle.heavy, ". ");
  const int all = pan.unknowns * puzzle.heavy;
  if (pan.unknowns > 1) draft.task.solution += cat(worked_product(puzzle.heavy, pan.unknowns), ". ");
  draft.task.solution += worked_sum(all, pan.weights[0]) + ".";
  draft.slip(puzzle.heavy, "gave the weight of the other shape");
  draft.slip(puzzle.heavy + pan.weights[0] + (pan.unknowns == 1 ? 1 : 0), "counted one shape only");
  draft.slip(all, "forgot the weight");
}

void ask_one(Draft& draft, const Puzzle& puzzle, const std::string& see) {
  const Pan &left = puzzle.pans[0], &right = puzzle.pans[1];
  const int a = left.weights.empty() ? 0 : left.weights[0], b = right.weights.empty() ? 0 : right.weights[0];
  draft.ask({cat("How heavy is one ", puzzle.shape, "?"),
             cat("The scale is in balance. What does one ", puzzle.shape, " weigh?")},
            puzzle.heavy);
  draft.task.solution = cat(see, solve_scale(puzzle), "So ", puzzle.heavy, ".");
  draft.slip(a + b, "added the weights");
  draft.slip(std::abs(a - b), "forgot to divide");
  draft.slip(std::max(a, b), "gave the other side");
  draft.slip(puzzle.heavy + 1, "off by one");
}

}  // namespace

Task make_balance_puzzle(uint64_t seed, int level, Split) {
  Draft draft("balance_puzzle", seed, level);
  const Puzzle puzzle = plan(draft);
  draw(draft, puzzle);
  Json pans = Json::array();
  for (const Pan& pan : puzzle.pans) {
    pans.push_back({{"shape", pan.unknowns}, {"second_shape", pan.seconds}, {"weights", pan.weights}});
  }
  draft.task.scene = {
      {"shape", puzzle.shape}, {"second_shape", puzzle.has_two() ? Json(puzzle.second_shape) : Json()}, {"pans", pans}};
  draft.task.transcript = read_off(puzzle);
  const std::string see = cat("I see ", draft.task.transcript, ". ");
  if (puzzle.has_two()) {
    ask_second(draft, puzzle, see);
  } else {
    ask_one(draft, puzzle, see);
  }
  return draft.task;
}

}  // namespace r1v

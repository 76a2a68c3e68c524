// Answers of the families of measures and diagrams, worked out once more from the scene alone by other code.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "base/error.h"
#include "gym/families.h"

namespace r1v {
namespace {

/// A number as the families write it: at most one decimal.
std::string number_text(double value) {
  const long in_tenths = std::lround(10 * value);
  return in_tenths % 10 == 0 ? std::to_string(in_tenths / 10)
                             : cat(value < 0 ? "-" : "", std::abs(in_tenths) / 10, ".", std::abs(in_tenths) % 10);
}

std::string lowest_terms(int count, int parts) {
  const int divisor = std::gcd(count, parts);
  return parts / divisor == 1 ? std::to_string(count / divisor) : cat(count / divisor, "/", parts / divisor);
}

using Solver = std::string (*)(const Json& scene);

void expect_answers(TaskMaker make, Solver solve) {
  for (int level = 1; level <= 5; ++level) {
    for (uint64_t seed = 0; seed < 25; ++seed) {
      const Task task = make(seed, level, Split::train);
      EXPECT_EQ(task.answer, solve(task.scene))
          << "level " << level << ": " << task.question << " " << dump_json(task.scene);
    }
  }
}

/// The line through two labels, at the arrow.
std::string number_line_answer(const Json& scene) {
  std::vector<std::pair<double, double>> labels;
  for (const auto& [tick, text] : scene["labels"].items())
    labels.emplace_back(std::stod(tick), std::stod(text.get<std::string>()));
  const auto [x0, y0] = labels.front();
  const auto [x1, y1] = labels.back();
  return number_text(y0 + (y1 - y0) * (scene["arrow"].get<double>() - x0) / (x1 - x0));
}

std::string ruler_answer(const Json& scene) {
  std::vector<double> lengths;
  for (const Json& bar : scene["bars"]) lengths.push_back(bar["to"].get<double>() - bar["from"].get<double>());
  if (scene["ask"] == "sum") return number_text(lengths.at(0) + lengths.at(1));
  return number_text(scene["ask"] == "difference" ? std::abs(lengths.at(0) - lengths.at(1)) : lengths.at(0));
}

std::string rectangle_answer(const Json& scene) {
  const int w = scene["width"], h = scene["height"];
  const std::string ask = scene["ask"];
  if (ask == "side from area" || ask == "side from perimeter") return std::to_string(h);
  int unit_squares = 0, outer_edges = 0;  // counts cells and the edges between inside and outside
  const auto inside = [&](int x, int y) {
    const bool is_cut = scene.contains("cut") && x >= w - scene["cut"][0].get<int>() && y < scene["cut"][1].get<int>();
    return x >= 0 && x < w && y >= 0 && y < h && !is_cut;
  };
  for (int x = -1; x <= w; ++x) {
    for (int y = -1; y <= h; ++y) {
      unit_squares += inside(x, y);
      outer_edges += (inside(x, y) != inside(x + 1, y)) + (inside(x, y) != inside(x, y + 1));
    }
  }
  return std::to_string(ask == "area" ? unit_squares : outer_edges);
}

/// Hides no side: the empty label or "x" is found by Pythagoras or from the perimeter.
std::string triangle_answer(const Json& scene) {
  std::array<double, 3> sides{};
  for (size_t i = 0; i < 3; ++i) {
    const std::string label = scene["labels"][i];
    sides[i] = label.empty() || label == "x" ? 0 : std::stod(label);
  }
  auto& [a, b, c] = sides;
  const std::string ask = scene["ask"];
  if (ask == "side") return number_text(scene["perimeter"].get<double>() - a - b);
  const double unknown = c == 0 ? std::hypot(a, b) : b == 0 ? std::sqrt(c * c - a * a) : 0;
  if (ask == "hypotenuse" || ask == "leg") return number_text(unknown);
  (c == 0 ? c : b == 0 ? b : unknown == 0 ? c : a) = c == 0 || b == 0 ? unknown : c;
  return number_text(ask == "area" ? a * b / 2 : a + b + c);
}

std::string circle_answer(const Json& scene) {
  const int r = scene.contains("radius") ? scene["radius"].get<int>() : scene["diameter"].get<int>() / 2;
  const int inner = scene.value("inner_radius", 0);
  const std::map<std::string, std::string> answers = {{"diameter", cat(r + r)},
                                                      {"radius", cat(r)},
                                                      {"circumference", cat(r + r, "\\pi")},
                                                      {"area", cat(r * r, "\\pi")},
                                                      {"half area", cat(r * r / 2, "\\pi")},
                                                      {"ring area", cat((r - inner) * (r + inner), "\\pi")}};
  return answers.at(scene["ask"]);
}

/// Finds the angle by trying: the triangle's or line's angles make 180, opposite ones are equal.
std::string angles_answer(const Json& scene) {
  const std::string scenery = scene["scenery"];
  const int first = scene["angles"][0];
  if (scenery == "opposite") return std::to_string(first);
  const int second = scene["angles"].size() > 1 ? scene["angles"][1].get<int>() : 0;
  for (int x = 1; x < 180; ++x) {
    const bool fits = scenery == "isosceles" ? (scene["known"] == "apex" ? first + x + x : first + first + x) == 180
                      : scenery == "outer"   ? first + second + (180 - x) == 180
                                             : first + second + x == 180;
    if (fits) return std::to_string(x);
  }
  return "none";
}

std::string grid_answer(const Json& scene) {
  const auto at = [&](size_t i, const char* axis) { return scene["points"][i][axis].get<int>(); };
  const std::string ask = scene["ask"];
  if (ask == "x" || ask == "y") return std::to_string(at(0, ask.c_str()));
  if (ask == "point") return cat("(", at(0, "x"), ",", at(0, "y"), ")");
  const int dx = at(1, "x") - at(0, "x"), dy = at(1, "y") - at(0, "y");
  if (ask == "slope") return lowest_terms(dx < 0 ? -dy : dy, std::abs(dx));
  if (ask == "midpoint") return cat("(", at(0, "x") + dx / 2, ",", at(0, "y") + dy / 2, ")");
  return number_text(ask == "straight" ? std::sqrt(dx * dx + dy * dy) : std::abs(dx) + std::abs(dy));
}

std::string fraction_answer(const Json& scene) {
  std::vector<int> counts;
  int parts = 0;
  for (const Json& figure : scene["figures"]) {
    counts.push_back(static_cast<int>(std::ranges::count(figure["shaded"], Json(1))));
    parts = static_cast<int>(figure["shaded"].size());
  }
  if (scene["ask"] == "sum") return lowest_terms(counts.at(0) + counts.at(1), parts);
  if (scene["ask"] == "difference") return lowest_terms(std::abs(counts.at(0) - counts.at(1)), parts);
  return lowest_terms(scene["ask"] == "blank" ? parts - counts[0] : counts[0], parts);
}

std::string dice_answer(const Json& scene) {
  std::vector<int> values = scene["values"];
  std::ranges::sort(values);
  if (scene["ask"] == "product") return std::to_string(values.at(0) * values.at(1));
  if (scene["ask"] == "difference") return std::to_string(values.back() - values.front());
  int total = 0;
  for (const int value : values) total += value;
  return std::to_string(total);
}

std::string coins_answer(const Json& scene) {
  int cents = 0;
  for (const Json& coin : scene["coins"]) cents += coin.get<int>();
  return std::to_string(scene["ask"] == "change"    ? cents - scene["price"].get<int>()
                        : scene["ask"] == "missing" ? scene["goal"].get<int>() - cents
                                                    : cents);
}

/// Fills the gap with every number and asks whether the rule holds everywhere.
std::string sequence_answer(const Json& scene) {
  if (scene["kind"] == "shapes") {
    const std::vector<std::string> shapes = scene["shapes"];
    const size_t period = scene["period"], gap = static_cast<size_t>(std::ranges::find(shapes, "gap") - shapes.begin());
    return gap >= period ? shapes[gap - period] : shapes.at(gap + period);
  }
  const std::string rule = scene["rule"];
  for (int candidate = -100; candidate <= 2000; ++candidate) {
    std::vector<int> t;
    for (const Json& term : scene["terms"]) t.push_back(term.is_null() ? candidate : term.get<int>());
    bool fits = true;
    for (size_t i = 2; i < t.size(); ++i) {
      fits &= rule == "add"            ? t[i] - t[i - 1] == t[i - 1] - t[i - 2]
              : rule == "multiply"     ? t[i] * t[i - 2] == t[i - 1] * t[i - 1]
              : rule == "add last two" ? t[i] == t[i - 1] + t[i - 2]
              : i < 3                  ? true
              : rule == "alternating"  ? t[i] - t[i - 1] == t[i - 2] - t[i - 3]
                                       : t[i] - 3 * t[i - 1] + 3 * t[i - 2] - t[i - 3] == 0;
    }
    if (fits) return std::to_string(candidate);
  }
  return "none";
}

/// Tries all weights of both shapes.
std::string balance_answer(const Json& scene) {
  const auto weight_of = [](const Json& pan, int x, int y) {
    int sum = pan["shape"].get<int>() * x + pan["second_shape"].get<int>() * y;
    for (const Json& weight : pan["weights"]) sum += weight.get<int>();
    return sum;
  };
  const Json& pans = scene["pans"];
  for (int x = 1; x < 100; ++x) {
    if (weight_of(pans[0], x, 0) != weight_of(pans[1], x, 0)) continue;
    if (pans.size() == 2) return std::to_string(x);
    for (int y = 1; y < 100; ++y) {
      if (weight_of(pans[2], x, y) == weight_of(pans[3], x, y)) return std::to_string(y);
    }
  }
  return "none";
}

/// Floyd and Warshall.
std::string map_answer(const Json& scene) {
  constexpr int kFar = 1000000;
  std::map<std::string, std::map<std::string, int>> distance;
  const std::vector<std::string> places = scene["places"];
  for (const auto& a : places) {
    for (const auto& b : places) distance[a][b] = a == b ? 0 : kFar;
  }
  const bool is_one_way = scene["one_way"];
  for (const Json& road : scene["roads"]) {
    const std::string from = road["from"], to = road["to"];
    distance[from][to] = is_one_way ? 1 : road["length"].get<int>();
    if (!is_one_way) distance[to][from] = road["length"];
  }
  for (const auto& over : places) {
    for (const auto& a : places) {
      for (const auto& b : places) distance[a][b] = std::min(distance[a][b], distance[a][over] + distance[over][b]);
    }
  }
  const std::string start = scene["start"];
  if (scene["ask"] != "unreachable") return std::to_string(distance[start][scene["goal"]]);
  std::string lost;
  for (const auto& place : places) lost += distance[start][place] >= kFar ? place : "";
  return lost;
}

std::string compare_answer(const Json& scene) {
  std::vector<int> numbers;
  if (scene.contains("numbers")) {
    numbers = scene["numbers"].get<std::vector<int>>();
  } else if (scene["ask"] == "missing") {
    for (const Json& thing : scene["pictures"][0]) {
      const auto same = [&](const Json& other) { return other["shape"] == thing["shape"]; };
      if (std::ranges::none_of(scene["pictures"][1], same)) return thing["shape"];
    }
  } else {
    for (const Json& picture : scene["pictures"]) {
      int count = 0;
      for (const Json& thing : picture) count += thing["shape"] == scene["counted"];
      numbers.push_back(count);
    }
  }
  const int a = numbers.at(0), b = numbers.at(1);
  const std::map<std::string, int> answers = {
      {"larger", std::max(a, b)}, {"smaller", std::min(a, b)}, {"total", a + b}, {"difference", std::abs(a - b)}};
  return std::to_string(answers.at(scene["ask"]));
}

TEST(DiagramAnswers, NumberLine) { expect_answers(make_number_line, number_line_answer); }
TEST(DiagramAnswers, Ruler) { expect_answers(make_ruler, ruler_answer); }
TEST(DiagramAnswers, RectangleMeasure) { expect_answers(make_rectangle_measure, rectangle_answer); }
TEST(DiagramAnswers, TriangleMeasure) { expect_answers(make_triangle_measure, triangle_answer); }
TEST(DiagramAnswers, CircleMeasure) { expect_answers(make_circle_measure, circle_answer); }
TEST(DiagramAnswers, Angles) { expect_answers(make_angles, angles_answer); }
TEST(DiagramAnswers, GridPoints) { expect_answers(make_grid_points, grid_answer); }
TEST(DiagramAnswers, Dice) { expect_answers(make_dice, dice_answer); }
TEST(DiagramAnswers, Coins) { expect_answers(make_coins, coins_answer); }
TEST(DiagramAnswers, SequenceFigure) { expect_answers(make_sequence_figure, sequence_answer); }
TEST(DiagramAnswers, BalancePuzzle) { expect_answers(make_balance_puzzle, balance_answer); }
TEST(DiagramAnswers, MapPath) { expect_answers(make_map_path, map_answer); }
TEST(DiagramAnswers, CompareTwo) { expect_answers(make_compare_two, compare_answer); }

TEST(DiagramAnswers, ShadedFractionsAreReducedFromLevelThreeOn) {
  for (int level = 1; level <= 5; ++level) {
    for (uint64_t seed = 0; seed < 25; ++seed) {
      const Task task = make_shaded_fraction(seed, level, Split::train);
      if (level >= 3) {
        EXPECT_EQ(task.answer, fraction_answer(task.scene)) << task.question;
        continue;
      }
      const Json& shaded = task.scene["figures"][0]["shaded"];
      EXPECT_EQ(task.answer, cat(std::ranges::count(shaded, Json(1)), "/", shaded.size()));
    }
  }
}

TEST(DiagramAnswers, WhatIsDrawnIsWhatTheSceneSays) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const Task dice = make_dice(seed, 4, Split::train);
    int pips = 0, faces = 0;
    for (const Mark& mark : dice.pictures[0].marks)
      pips += mark.kind == "pip", faces += mark.kind == "die" ? mark.value : 0;
    const std::vector<int> values = dice.scene["values"];
    EXPECT_EQ(pips, std::accumulate(values.begin(), values.end(), 0));
    EXPECT_EQ(faces, pips);
    const Task coins = make_coins(seed, 4, Split::train);
    std::vector<int> shown;
    for (const Mark& mark : coins.pictures[0].marks) {
      if (mark.kind == "coin") shown.push_back(mark.value);
    }
    EXPECT_EQ(Json(shown), coins.scene["coins"]);
  }
}

}  // namespace
}  // namespace r1v

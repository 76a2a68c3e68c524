// Coins with their values: the total, how many of one kind, or the change from a note.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "gym/calculation.h"
#include "gym/draft.h"
#include "gym/families.h"

namespace r1v {

namespace {

struct Coin {
  int value = 1;
  double radius = 20;
  const char* metal = "brown";
};

constexpr std::array<Coin, 6> kCoins = {
    {{1, 17, "brown"}, {2, 19, "brown"}, {5, 21, "gray"}, {10, 19, "yellow"}, {20, 21, "yellow"}, {50, 23, "gray"}}};

Paint metal_of(const std::string& name) {
  if (name == "brown") return {"brown", 0.85, 0.58, 0.38};
  if (name == "gray") return {"gray", 0.80, 0.81, 0.84};
  return {"yellow", 0.94, 0.82, 0.42};
}

std::vector<Coin> plan(Draft& draft) {
  static constexpr std::array<int, 6> kCount = {0, 2, 3, 5, 6, 8};
  std::vector<Coin> coins;
  for (int i = 0; i < kCount[static_cast<size_t>(draft.task.level)]; ++i) coins.push_back(draft.rng.pick(kCoins));
  return coins;
}

void draw_coin(Canvas& canvas, Point center, const Coin& coin, const TextStyle& style) {
  canvas.fill_circle(center, coin.radius, metal_of(coin.metal));
  canvas.stroke_circle(center, coin.radius, paint("black"), 1.5);
  canvas.stroke_circle(center, coin.radius - 3.5, Paint{"gray", 0.45, 0.40, 0.35}, 1);
  Mark mark = place("coin", center, 2 * coin.radius, 2 * coin.radius, coin.value);
  mark.color = coin.metal;
  canvas.mark(mark);
  canvas.text(std::to_string(coin.value), center, style);
}

/// Coins lie in the cells of a grid, row by row, in a random place of their cell.
void draw(Draft& draft, const std::vector<Coin>& coins) {
  const int level = draft.task.level, count = static_cast<int>(coins.size());
  Rng& rng = draft.rng;
  const int columns = count <= 4 ? 2 : count <= 6 ? 3 : 4, width = count <= 4 ? 112 : 224;
  const double cell = static_cast<double>(width) / columns;
  Canvas canvas(width, 112, paper(rng, level));
  const TextStyle style = {.size = rng.uniform(17, 19), .font = pick_font(rng, level)};
  for (int i = 0; i < count; ++i) {
    const Coin& coin = coins[static_cast<size_t>(i)];
    const double slack = 27 - coin.radius, side_slack = cell / 2 - 1 - coin.radius;
    const double row_height = count <= 2 ? 112 : 56;
    const Point center = {(i % columns + 0.5) * cell + rng.uniform(-side_slack, side_slack),
                          (i / columns + 0.5) * row_height + rng.uniform(-slack, slack)};
    draw_coin(canvas, center, coin, style);
  }
  draft.task.pictures.push_back(canvas.finish(rng, level));
}

void ask_total(Draft& draft, const std::vector<int>& values, int total) {
  draft.ask(
      {"What are the coins worth in total?", "How many cents are there in total?", "Add up the coins. How many cents?"},
      total);
  draft.task.scene["ask"] = "total";
  draft.task.solution = cat("I see ", draft.task.transcript, ". ", worked_sum(values), ".");
  draft.slip(total - values.back(), "left out the last coin");
  draft.slip(total + values.front(), "counted the first coin twice");
  draft.slip(static_cast<int>(values.size()), "counted the coins instead of their values");
}

void ask_change(Draft& draft, const std::vector<int>& values, int total) {
  const int price = draft.number(1, total - 1);
  draft.ask({cat("You pay ", price, " cents with these coins. How many cents are left?"),
             cat("How many cents are left after you spend ", price, " cents?")},
            total - price);
  draft.task.scene["ask"] = "change";
  draft.task.scene["price"] = price;
  draft.task.solution =
      cat("I see ", draft.task.transcript, ". ", worked_sum(values), ". ", worked_difference(total, price), ".");
  draft.slip(total, "forgot to take the price away");
  draft.slip(total - price + 10, "forgot a borrow");
  draft.slip(total - price + 1, "off by one");
}

void ask_missing(Draft& draft, const std::vector<int>& values, int total) {
  const int goal = (total / 100 + 1) * 100;
  draft.ask({cat("How many cents are missing to ", goal, " cents?"),
             cat("How many more cents do you need to have ", goal, "?")},
            goal - total);
  draft.task.scene["ask"] = "missing";
  draft.task.scene["goal"] = goal;
  draft.task.solution =
      cat("I see ", draft.task.transcript, ". ", worked_sum(values), ". ", worked_difference(goal, total), ".");
  draft.slip(total, "gave the total");
  draft.slip(goal - total + 10, "forgot a borrow");
  draft.slip(goal - total - 1, "off by one");
}

}  // namespace

Task make_coins(uint64_t seed, int level, Split) {
  Draft draft("coins", seed, level);
  const std::vector<Coin> coins = plan(draft);
  draw(draft, coins);
  std::vector<int> values;
  for (const Coin& coin : coins) values.push_back(coin.value);
  const int total = std::accumulate(values.begin(), values.end(), 0);
  draft.task.transcript = cat("coins ", join(values));
  draft.task.scene = {{"coins", values}};
  if (level >= 3 && draft.chance(0.3)) {
    ask_change(draft, values, total);
  } else if (level >= 4 && draft.chance(0.4)) {
    ask_missing(draft, values, total);
  } else {
    ask_total(draft, values, total);
  }
  return draft.task;
}

}  // namespace r1v

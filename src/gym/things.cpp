// Placing, drawing and reading coloured shapes.
#include "gym/things.h"

#include <algorithm>
#include <tuple>

#include "base/error.h"
#include "gym/words.h"

namespace r1v {

namespace {

std::vector<std::string> in_order(const std::vector<std::string>& order, int level) {
  const std::ptrdiff_t count = level == 1 ? 4 : level == 2 ? 6 : 8;
  return {order.begin(), order.begin() + count};
}

}  // namespace

std::vector<std::string> level_colors(int level) {
  return in_order({"red", "blue", "green", "yellow", "purple", "orange", "pink", "gray"}, level);
}

std::vector<std::string> level_shapes(int level) {
  return in_order({"circle", "square", "triangle", "star", "heart", "cross", "diamond", "moon"}, level);
}

std::vector<std::string> sample(const std::vector<std::string>& all, int count, Rng& rng) {
  R1V_CHECK(count <= static_cast<int>(all.size()), "cannot choose ", count, " of ", all.size());
  std::vector<std::string> shuffled = all;
  rng.shuffle(shuffled);
  shuffled.resize(static_cast<size_t>(count));
  return shuffled;
}

void scatter(std::vector<Thing>& things, const ThingGrid& grid, Rng& rng) {
  std::vector<int> cells;
  for (int i = 0; i < grid.rows * grid.columns; ++i) {
    cells.push_back(i);
  }
  R1V_CHECK(things.size() <= cells.size(), things.size(), " things in ", cells.size(), " cells");
  rng.shuffle(cells);
  for (size_t i = 0; i < things.size(); ++i) {
    things[i].row = cells[i] / grid.columns;
    things[i].column = cells[i] % grid.columns;
  }
  std::ranges::sort(things, {}, [](const Thing& thing) { return std::tuple(thing.row, thing.column); });
}

GymPicture draw_things(const std::vector<Thing>& things, const ThingGrid& grid, int level, Rng& rng) {
  Canvas canvas(grid.width, grid.height, paper(rng, level));
  const double cell_width = static_cast<double>(grid.width) / grid.columns;
  const double cell_height = static_cast<double>(grid.height) / grid.rows;
  const Paint faint = {"gray", 0.78, 0.78, 0.78};
  for (int row = 1; grid.lines && row < grid.rows; ++row) {
    canvas.line({0, row * cell_height}, {1.0 * grid.width, row * cell_height}, faint, 1);
  }
  for (int column = 1; grid.lines && column < grid.columns; ++column) {
    canvas.line({column * cell_width, 0}, {column * cell_width, 1.0 * grid.height}, faint, 1);
  }
  const double cell = std::min({cell_width, cell_height, 48.0});
  for (const Thing& thing : things) {
    const double size = cell * thing.size * rng.uniform(0.76, 0.88);
    const double slack_x = (cell_width - size) / 2 - 1, slack_y = (cell_height - size) / 2 - 1;
    const double reach_x = std::min(slack_x, 0.12 * cell), reach_y = std::min(slack_y, 0.12 * cell);
    const Point center = {(thing.column + 0.5) * cell_width + rng.uniform(-reach_x, reach_x),
                          (thing.row + 0.5) * cell_height + rng.uniform(-reach_y, reach_y)};
    const double turn = level >= 3 ? rng.uniform(-0.15, 0.15) : 0;
    canvas.shape(thing.shape, center, size, {.paint = paint(thing.color, rng), .turn = turn});
  }
  return canvas.finish(rng, level);
}

std::string read_things(const std::vector<Thing>& things) {
  std::string text;
  for (size_t i = 0; i < things.size(); ++i) {
    text += i == 0 ? "" : things[i].row == things[i - 1].row ? ", " : "; ";
    text += (things[i].size_name.empty() ? "" : things[i].size_name + " ") + things[i].name();
  }
  return text;
}

std::string read_numbered(const std::vector<Thing>& things) {
  std::string text;
  for (size_t i = 0; i < things.size(); ++i) {
    const bool new_row = i == 0 || things[i].row != things[i - 1].row;
    text += new_row ? cat(i ? "; " : "", "row ", things[i].row + 1, ": ") : ", ";
    text += cat(things[i].name(), " ", things[i].column + 1);
  }
  return text;
}

Json things_json(const std::vector<Thing>& things) {
  Json list = Json::array();
  for (const Thing& thing : things) {
    Json one = {{"shape", thing.shape}, {"color", thing.color}, {"row", thing.row}, {"column", thing.column}};
    if (!thing.size_name.empty()) {
      one["size"] = thing.size_name;
    }
    list.push_back(one);
  }
  return list;
}

std::string plural(const std::string& shape) { return shape == "cross" ? "crosses" : shape + "s"; }

}  // namespace r1v

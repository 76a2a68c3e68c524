// Coloured shapes on a loose grid: what the families about seeing have in common.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/rng.h"
#include "gym/canvas.h"

namespace r1v {

/// A coloured shape in a cell of a grid; row and column start at 0.
struct Thing {
  std::string shape, color;
  int row = 0, column = 0;
  double size = 1;        // share of the cell's smaller side, before a small variation
  std::string size_name;  // "large", "small", "" where sizes do not matter

  std::string name() const { return color + " " + shape; }
};

struct ThingGrid {
  int rows = 3, columns = 3;
  int width = 112, height = 112;  // of the picture
  bool lines = false;             // thin lines part the cells
};

/// The first colours and shapes that a level uses: 4, 6, then all 8.
std::vector<std::string> level_colors(int level);
std::vector<std::string> level_shapes(int level);
/// `count` different elements in random order.
std::vector<std::string> sample(const std::vector<std::string>& all, int count, Rng& rng);

/// Gives every thing its own random cell, then orders them as one reads: row by row, left to right.
void scatter(std::vector<Thing>& things, const ThingGrid& grid, Rng& rng);
/// Draws them with small variations of place and size.
GymPicture draw_things(const std::vector<Thing>& things, const ThingGrid& grid, int level, Rng& rng);

/// "red circle, blue star; green square": things in reading order, rows apart by semicolons.
std::string read_things(const std::vector<Thing>& things);
/// With the numbers of rows and columns: "row 1: red star 2, blue moon 4; row 2: ...".
std::string read_numbered(const std::vector<Thing>& things);
Json things_json(const std::vector<Thing>& things);
/// "crosses", "stars".
std::string plural(const std::string& shape);

}  // namespace r1v

// Points on a coordinate grid: coordinates, distances along the grid, slope, midpoint, straight distance.
#include <array>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include "base/error.h"
#include "gym/calculation.h"
#include "gym/draft.h"
#include "gym/families.h"
#include "gym/figure.h"

namespace r1v {

namespace {

enum class Asked { point, x, y, distance, slope, midpoint, steps, straight };

struct Dot {
  int x = 0, y = 0;
  std::string color;

  std::string pair() const { return cat("(", x, ",", y, ")"); }
};

struct Grid {
  int low = 0, high = 5;  // of both axes
  std::vector<Dot> dots;
  Asked asked = Asked::point;
};

std::vector<std::string> some_colors(Rng& rng) {
  std::vector<std::string> colors = {"red", "blue", "green", "orange", "purple"};
  rng.shuffle(colors);
  return colors;
}

/// The second dot lies on the first one's row or column.
void add_aligned(Draft& draft, Grid& grid, const std::string& color) {
  Dot other = grid.dots[0];
  int& moved = draft.chance(0.5) ? other.x : other.y;
  const int before = moved;
  while (moved == before) moved = draft.number(grid.low, grid.high);
  other.color = color;
  grid.dots.push_back(other);
}

/// The second dot lies `dx` to the right and `dy` up, inside the grid.
void add_at(Draft& draft, Grid& grid, int dx, int dy, const std::string& color) {
  grid.dots[0].x = draft.number(grid.low, grid.high - dx);
  grid.dots[0].y = draft.number(std::max(grid.low, grid.low - dy), std::min(grid.high, grid.high - dy));
  grid.dots.push_back({grid.dots[0].x + dx, grid.dots[0].y + dy, color});
}

Grid plan(Draft& draft) {
  const int level = draft.task.level;
  Grid grid{.low = level <= 2 ? 0 : -5, .high = 5};
  const std::vector<std::string> colors = some_colors(draft.rng);
  grid.dots.push_back({draft.number(grid.low, grid.high), draft.number(grid.low, grid.high), colors[0]});
  const bool first = draft.chance(0.5);
  if (level == 1) {
    grid.asked = first ? Asked::point : draft.chance(0.5) ? Asked::x : Asked::y;
  } else if (level == 2 || (level == 3 && first)) {
    grid.asked = first ? Asked::distance : Asked::point;
    if (first) add_aligned(draft, grid, colors[1]);
    if (!first) grid.dots.push_back({5 - grid.dots[0].x, draft.number(0, 5), colors[1]});
  } else if (level == 3 || (level == 5 && first)) {
    grid.asked = Asked::slope;
    const int run = level == 3 ? draft.number(1, 3) : draft.number(2, 7);
    int rise = level == 3 ? run * draft.number(-3, 3) : draft.number(-7, 7);
    add_at(draft, grid, run, rise, colors[1]);
  } else if (level == 4) {
    grid.asked = Asked::midpoint;
    add_at(draft, grid, 2 * draft.number(1, 4), 2 * draft.number(-4, 4), colors[1]);
  } else if (draft.chance(0.6)) {
    grid.asked = Asked::steps;
    add_at(draft, grid, draft.number(1, 9), draft.number(2, 9) * (draft.chance(0.5) ? 1 : -1), colors[1]);
  } else {
    grid.asked = Asked::straight;
    const bool is_flat = draft.chance(0.5);
    const int scale = draft.number(1, 2), sign = draft.chance(0.5) ? 1 : -1;
    add_at(draft, grid, scale * (is_flat ? 4 : 3), sign * scale * (is_flat ? 3 : 4), colors[1]);
  }
  return grid;
}

/// Where the grid lies on the canvas.
struct Frame {
  double left = 20, bottom = 92, step = 17;
  int low = 0;

  Point at(int x, int y) const { return {left + (x - low) * step, bottom - (y - low) * step}; }
};

void draw_axes(Canvas& canvas, const Grid& grid, const Frame& frame, const TextStyle& style) {
  const Paint pale{"gray", 0.80, 0.80, 0.82};
  for (int i = grid.low; i <= grid.high; ++i) {
    canvas.line(frame.at(i, grid.low), frame.at(i, grid.high), pale, 1);
    canvas.line(frame.at(grid.low, i), frame.at(grid.high, i), pale, 1);
  }
  canvas.line(frame.at(grid.low, 0), frame.at(grid.high, 0), style.paint, 2);
  canvas.line(frame.at(0, grid.low), frame.at(0, grid.high), style.paint, 2);
  for (int i = grid.low; i <= grid.high; ++i) {
    const std::string label = std::to_string(i);
    const Point below = frame.at(i, grid.low), beside = frame.at(grid.low, i);
    canvas.text(label, {below.x, below.y + 12}, style);
    canvas.text(label, {beside.x - (grid.low < 0 ? 13 : 10), beside.y}, style);
  }
}

void draw(Draft& draft, const Grid& grid) {
  const int level = draft.task.level;
  Rng& rng = draft.rng;
  const int size = level <= 2 ? 112 : 224;
  Canvas canvas(size, size, paper(rng, level));
  const Frame frame = level <= 2 ? Frame{20 + rng.uniform(-3, 2), 91 + rng.uniform(-4, 3), 16, 0}
                                 : Frame{26 + rng.uniform(-2, 2), 202 + rng.uniform(-3, 2), 18.8, -5};
  const TextStyle style = {.size = level <= 2 ? 13.0 : 12.0,
                           .font = level <= 2 ? Font::sans : pick_font(rng, level),
                           .paint = ink(rng, level)};
  draw_axes(canvas, grid, frame, style);
  for (const Dot& dot : grid.dots) {
    const Point at = frame.at(dot.x, dot.y);
    canvas.fill_circle(at, 6, paint(dot.color, rng));
    // Coordinates of the first quadrant as one number, so that a token can be told where on the grid it is.
    Mark mark = place("point", at, 12, 12, grid.low == 0 ? 10 * dot.x + dot.y : -1);
    mark.color = dot.color;
    canvas.mark(mark);
  }
  draft.task.pictures.push_back(canvas.finish(rng, level));
}

void ask_point(Draft& draft, const Grid& grid, const std::string& see) {
  const Dot& dot = grid.dots[0];
  if (grid.asked == Asked::point) {
    draft.ask({cat("What are the coordinates of the ", dot.color, " point?"),
               cat("Where is the ", dot.color, " point? Answer as (x,y).")},
              "expression", dot.pair());
    draft.task.solution = cat(see, "The ", dot.color, " point is at x=", dot.x, ", y=", dot.y, ".");
    draft.slip(cat("(", dot.y, ",", dot.x, ")"), "swapped the coordinates");
    draft.slip(cat("(", dot.x + 1, ",", dot.y, ")"), "misread x");
    draft.slip(cat("(", dot.x, ",", dot.y + 1, ")"), "misread y");
    return;
  }
  const bool is_x = grid.asked == Asked::x;
  const std::string axis = is_x ? "x" : "y";
  draft.ask({cat("What is the ", axis, " coordinate of the point?"),
             cat("Which ", axis, " value has the ", dot.color, " point?")},
            is_x ? dot.x : dot.y);
  draft.task.solution = cat(see, axis, "=", is_x ? dot.x : dot.y, ".");
  draft.slip(is_x ? dot.y : dot.x, "took the other axis");
  draft.slip((is_x ? dot.x : dot.y) + 1, "misread by one");
  draft.slip(dot.x + dot.y, "added both coordinates");
}

void ask_distance(Draft& draft, const Grid& grid, const std::string& see) {
  const Dot &a = grid.dots[0], &b = grid.dots[1];
  const bool is_level = a.y == b.y;
  const int high = is_level ? std::max(a.x, b.x) : std::max(a.y, b.y),
            low = is_level ? std::min(a.x, b.x) : std::min(a.y, b.y);
  draft.ask({"How far apart are the two points?", "What is the distance between the points?"}, high - low);
  draft.task.solution =
      cat(see, is_level ? "y" : "x", " is equal. ", is_level ? "x" : "y", ": ", worked_difference(high, low), ".");
  draft.slip(high - low + 1, "counted the lines instead of the steps");
  draft.slip(std::abs(high + low), "added the coordinates");
  draft.slip(high - low - 1, "counted one step too few");
}

void ask_slope(Draft& draft, const Grid& grid, const std::string& see) {
  const Dot &a = grid.dots[0], &b = grid.dots[1];
  const int run = b.x - a.x, rise = b.y - a.y, divisor = std::gcd(run, rise);
  const std::string slope = fraction(rise / divisor, run / divisor);
  draft.ask({"What is the slope of the line through the two points?", "Find the slope of the line through the points."},
            "expression", slope);
  draft.task.solution =
      cat(see, "y: ", worked_difference(b.y, a.y), ". x: ", worked_difference(b.x, a.x), ". slope ", rise, "/", run);
  if (slope != cat(rise, "/", run)) draft.task.solution += cat("=", slope);
  draft.task.solution += ".";
  draft.slip(rise == 0 ? "1" : fraction(run / divisor * (rise < 0 ? -1 : 1), std::abs(rise) / divisor),
             "divided the wrong way round");
  draft.slip(fraction(-rise / divisor, run / divisor), "wrong sign");
  draft.slip(std::to_string(rise), "took only the rise");
  draft.slip(std::to_string(run), "took only the run");
}

void ask_midpoint(Draft& draft, const Grid& grid, const std::string& see) {
  const Dot &a = grid.dots[0], &b = grid.dots[1];
  const Dot half = {(a.x + b.x) / 2, (a.y + b.y) / 2, ""};
  draft.ask({"What is the midpoint of the two points?", "Which point is halfway between the two points?"}, "expression",
            half.pair());
  draft.task.solution =
      cat(see, "x: ", worked_sum(a.x, b.x), ", half ", half.x, ". y: ", worked_sum(a.y, b.y), ", half ", half.y, ".");
  draft.slip(cat("(", a.x + b.x, ",", a.y + b.y, ")"), "forgot to halve");
  draft.slip(cat("(", half.y, ",", half.x, ")"), "swapped the coordinates");
  draft.slip(cat("(", half.x + 1, ",", half.y, ")"), "misread x");
}

void ask_far_distance(Draft& draft, const Grid& grid, const std::string& see) {
  const Dot &a = grid.dots[0], &b = grid.dots[1];
  const int run = std::abs(b.x - a.x), rise = std::abs(b.y - a.y);
  const bool sums = grid.asked == Asked::steps;  // along the lines, or the straight way
  const int straight = static_cast<int>(std::lround(std::hypot(run, rise)));
  draft.ask({sums ? "How many steps along the grid lines is it from one point to the other?"
                  : "How long is the straight way between the points?"},
            sums ? run + rise : straight);
  const std::string legs = cat(see, "x: ", run, " apart. y: ", rise, " apart. ");
  draft.task.solution = sums ? cat(legs, worked_sum(run, rise), ".")
                             : cat(legs, run, "*", run, "+", rise, "*", rise, "=", straight * straight, "=", straight,
                                   "*", straight, ". So ", straight, ".");
  draft.slip(sums ? straight : run + rise, "measured the other way");
  draft.slip(run, "took only x");
  draft.slip(rise, "took only y");
}

const char* name_of(Asked asked) {
  constexpr const char* kNames[] = {"point", "x", "y", "distance", "slope", "midpoint", "steps", "straight"};
  return kNames[static_cast<int>(asked)];
}

}  // namespace

Task make_grid_points(uint64_t seed, int level, Split) {
  Draft draft("grid_points", seed, level);
  const Grid grid = plan(draft);
  draw(draft, grid);
  std::vector<std::string> words;
  Json points = Json::array();
  for (const Dot& dot : grid.dots) {
    words.push_back(cat(dot.color, " ", dot.pair()));
    points.push_back({{"color", dot.color}, {"x", dot.x}, {"y", dot.y}});
  }
  draft.task.transcript = cat("points: ", join(words));
  draft.task.scene = {{"points", points}, {"low", grid.low}, {"high", grid.high}, {"ask", name_of(grid.asked)}};
  const std::string see = cat("I see ", draft.task.transcript, ". ");
  switch (grid.asked) {
    case Asked::distance:
      ask_distance(draft, grid, see);
      break;
    case Asked::slope:
      ask_slope(draft, grid, see);
      break;
    case Asked::midpoint:
      ask_midpoint(draft, grid, see);
      break;
    case Asked::steps:
    case Asked::straight:
      ask_far_distance(draft, grid, see);
      break;
    default:
      ask_point(draft, grid, see);
  }
  return draft.task;
}

}  // namespace r1v

// Where things are to each other: neighbours, between, the ends of a row, the largest and the smallest.
#include <algorithm>
#include <array>

#include "base/error.h"
#include "gym/draft.h"
#include "gym/families.h"
#include "gym/things.h"

namespace r1v {

namespace {

struct Direction {
  const char* words;
  int row, column;
};

constexpr std::array<Direction, 4> kDirections = {
    {{"left of", 0, -1}, {"right of", 0, 1}, {"above", -1, 0}, {"below", 1, 0}}};

/// A question about some things, the thing that answers it, and why.
struct Relation {
  std::vector<Thing> things;
  ThingGrid grid;
  std::string place;  // "left of the star", "between the heart and the moon", "the largest"
  size_t answer = 0;
  std::string reason;
  bool superlative = false;  // place is "the largest" or "the smallest"
};

/// Things of different shapes and colours.
std::vector<Thing> different_things(Draft& draft, int count) {
  const int level = std::max(2, draft.task.level);  // six of each even at level 1, so that guessing does not pay
  const std::vector<std::string> shapes = sample(level_shapes(level), count, draft.rng);
  const std::vector<std::string> colors = sample(level_colors(level), count, draft.rng);
  std::vector<Thing> things;
  for (size_t i = 0; i < shapes.size(); ++i) {
    things.push_back({.shape = shapes[i], .color = colors[i]});
  }
  return things;
}

/// A full row or column of things.
Relation line_of_things(Draft& draft) {
  const int count = draft.task.level == 1 ? 3 : 4;
  Relation out{.things = different_things(draft, count)};
  const bool upright = draft.chance(0.35);
  out.grid = {upright ? count : 1, upright ? 1 : count, 112, 112};
  for (int i = 0; i < count; ++i) {
    Thing& thing = out.things[static_cast<size_t>(i)];
    (upright ? thing.row : thing.column) = i;
  }
  return out;
}

size_t thing_at(const std::vector<Thing>& things, int row, int column) {
  const auto found =
      std::ranges::find_if(things, [&](const Thing& thing) { return thing.row == row && thing.column == column; });
  return static_cast<size_t>(found - things.begin());
}

/// Chooses a thing with a neighbour; false when no thing has one.
bool ask_neighbour(Draft& draft, Relation& relation, int steps) {
  struct Walk {
    size_t from, to;
    std::string place, reason;
  };
  std::vector<Walk> walks;
  const auto& things = relation.things;
  for (size_t from = 0; from < things.size(); ++from) {
    for (const Direction& first : kDirections) {
      const size_t middle = thing_at(things, things[from].row + first.row, things[from].column + first.column);
      if (middle == things.size()) continue;
      const std::string near = cat(first.words, " the ", things[from].shape);
      const std::string found = cat("The thing ", near, ": ", things[middle].name());
      if (steps == 1) walks.push_back({from, middle, near, found});
      for (const Direction& second : kDirections) {
        const size_t to = thing_at(things, things[middle].row + second.row, things[middle].column + second.column);
        if (steps == 1 || to == things.size() || to == from) continue;
        walks.push_back(
            {from, to, cat(second.words, " the thing ", near),
             cat(found, ". The thing ", second.words, " the ", things[middle].shape, ": ", things[to].name())});
      }
    }
  }
  if (walks.empty()) return false;
  const Walk& walk = draft.rng.pick(walks);
  relation.place = walk.place;
  relation.answer = walk.to;
  relation.reason = walk.reason;
  return true;
}

Relation neighbour_in_line(Draft& draft) {
  Relation relation = line_of_things(draft);
  R1V_CHECK(ask_neighbour(draft, relation, 1), "a line of things has neighbours");
  return relation;
}

Relation between_in_line(Draft& draft) {
  Relation relation = line_of_things(draft);
  const size_t middle = static_cast<size_t>(draft.number(1, static_cast<int>(relation.things.size()) - 2));
  std::array<size_t, 2> ends = {middle - 1, middle + 1};
  if (draft.chance(0.5)) std::swap(ends[0], ends[1]);
  relation.answer = middle;
  relation.place = cat("between the ", relation.things[ends[0]].shape, " and the ", relation.things[ends[1]].shape);
  relation.reason = cat("The thing ", relation.place, ": ", relation.things[middle].name());
  return relation;
}

Relation end_of_line(Draft& draft) {
  Relation relation = line_of_things(draft);
  const bool upright = relation.grid.rows > 1, first = draft.chance(0.5);
  relation.answer = first ? 0 : relation.things.size() - 1;
  relation.place = upright ? (first ? "at the top" : "at the bottom") : (first ? "farthest left" : "farthest right");
  relation.reason = cat("The thing ", relation.place, ": ", relation.things[relation.answer].name());
  return relation;
}

Relation by_size(Draft& draft) {
  const int count = draft.task.level <= 2 ? 3 : 5;
  Relation relation{.things = different_things(draft, count),
                    .grid = {2, count <= 3 ? 2 : 4, count <= 3 ? 112 : 224, 112}};
  const bool largest = draft.chance(0.5);
  relation.answer = static_cast<size_t>(draft.number(0, count - 1));
  for (size_t i = 0; i < relation.things.size(); ++i) {
    Thing& thing = relation.things[i];
    const bool chosen = i == relation.answer;
    thing.size = chosen == largest ? 1.0 : 0.5;
    thing.size_name = chosen == largest ? "large" : "small";
  }
  const std::string shape = relation.things[relation.answer].shape;
  scatter(relation.things, relation.grid, draft.rng);
  relation.answer =
      static_cast<size_t>(std::ranges::find(relation.things, shape, &Thing::shape) - relation.things.begin());
  relation.place = largest ? "the largest" : "the smallest";
  relation.superlative = true;
  relation.reason = cat(largest ? "The largest: " : "The smallest: ", relation.things[relation.answer].name());
  return relation;
}

Relation on_grid(Draft& draft) {
  const int level = draft.task.level;
  const ThingGrid grid = level == 3   ? ThingGrid{3, 3, 112, 112, true}
                         : level == 4 ? ThingGrid{3, 4, 112, 112, true}
                                      : ThingGrid{3, 5, 224, 112, true};
  for (;;) {
    Relation relation{.things = different_things(draft, level == 3 ? 6 : 8), .grid = grid};
    scatter(relation.things, grid, draft.rng);
    if (ask_neighbour(draft, relation, level >= 4 ? 2 : 1)) return relation;
  }
}

Relation choose(Draft& draft) {
  if (draft.task.level >= 3) return draft.chance(0.25) ? by_size(draft) : on_grid(draft);
  switch (draft.number(0, draft.task.level == 1 ? 3 : 4)) {
    case 0:
      return by_size(draft);
    case 1:
      return between_in_line(draft);
    case 2:
      return end_of_line(draft);
    default:
      return neighbour_in_line(draft);
  }
}

void ask(Draft& draft, const Relation& relation, bool ask_color) {
  const Thing& found = relation.things[relation.answer];
  const std::string thing = relation.superlative ? relation.place + " thing" : "the thing " + relation.place;
  if (ask_color) {
    draft.ask({cat("What color is ", thing, "?"), cat("Which color has ", thing, "?")}, "word", found.color);
  } else {
    draft.ask({cat("Which shape is ", relation.place, "?"), cat("What shape is ", thing, "?")}, "word", found.shape);
  }
}

}  // namespace

Task make_relation(uint64_t seed, int level, Split) {
  Draft draft("relation", seed, level);
  const Relation relation = choose(draft);
  draft.task.pictures.push_back(draw_things(relation.things, relation.grid, level, draft.rng));
  const bool ask_color = draft.chance(0.4);
  const Thing& found = relation.things[relation.answer];
  ask(draft, relation, ask_color);
  draft.task.scene = {{"things", things_json(relation.things)},
                      {"place", relation.place},
                      {"attribute", ask_color ? "color" : "shape"},
                      {"found", relation.answer}};
  draft.task.transcript =
      level >= 3 && !relation.superlative ? read_numbered(relation.things) : read_things(relation.things);
  draft.task.solution = cat("I see ", draft.task.transcript, ". ", relation.reason, ". So ", draft.task.answer, ".");
  for (const Thing& thing : relation.things) {
    draft.slip(ask_color ? thing.color : thing.shape, "took another thing");
  }
  draft.slip(ask_color ? found.shape : found.color, "named the wrong property");
  if (relation.things.size() >= 4 && draft.chance(0.2)) draft.offer_options({});
  return draft.task;
}

}  // namespace r1v

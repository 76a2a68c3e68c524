// The colour or the shape of the thing at a place, or of the thing with a given shape or colour.
#include <algorithm>
#include <array>
#include <iterator>

#include "base/error.h"
#include "gym/draft.h"
#include "gym/families.h"
#include "gym/things.h"

namespace r1v {

namespace {

constexpr std::array<const char*, 9> kNinePlaces = {
    "at the top left",     "at the top middle",  "at the top right",     "at the middle left", "in the center",
    "at the middle right", "at the bottom left", "at the bottom middle", "at the bottom right"};

struct SeenPlan {
  ThingGrid grid;
  int min_things, max_things;
  bool may_repeat;  // colours and shapes: then only places can be asked for
};

SeenPlan plan_of(int level) {
  switch (level) {
    case 1:
      return {{2, 2, 112, 112}, 2, 4, false};
    case 2:
      return {{3, 3, 112, 112}, 3, 5, false};
    case 3:
      return {{3, 4, 112, 112, true}, 7, 9, true};
    case 4:
      return {{4, 6, 224, 112, true}, 10, 14, true};
    default:
      return {{6, 6, 224, 224, true}, 16, 22, true};
  }
}

std::string place_words(const Thing& thing, const ThingGrid& grid) {
  if (grid.rows == 2) {
    return kNinePlaces[static_cast<size_t>(6 * thing.row + 2 * thing.column)];
  }
  if (grid.rows == 3 && grid.columns == 3) {
    return kNinePlaces[static_cast<size_t>(3 * thing.row + thing.column)];
  }
  return cat("in row ", thing.row + 1, ", column ", thing.column + 1);
}

std::vector<Thing> choose_things(Draft& draft, const SeenPlan& plan) {
  const int count = draft.number(plan.min_things, plan.max_things), level = draft.task.level;
  std::vector<std::string> shapes = level_shapes(std::max(2, level)), colors = level_colors(std::max(2, level));
  draft.rng.shuffle(shapes);
  draft.rng.shuffle(colors);
  std::vector<Thing> things;
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    things.push_back({.shape = plan.may_repeat ? draft.rng.pick(shapes) : shapes[i],
                      .color = plan.may_repeat ? draft.rng.pick(colors) : colors[i]});
  }
  scatter(things, plan.grid, draft.rng);
  return things;
}

std::string read_placed(const std::vector<Thing>& things, const ThingGrid& grid) {
  std::vector<std::string> parts;
  for (const Thing& thing : things) {
    const std::string words = place_words(thing, grid);
    parts.push_back(cat(words.substr(words.rfind("the ") + 4), " ", thing.name()));
  }
  return join(parts);
}

void ask(Draft& draft, const Thing& thing, const std::string& place, bool by_place) {
  const bool ask_color = draft.chance(0.5);
  const std::string answer = ask_color ? thing.color : thing.shape;
  if (by_place && ask_color) {
    draft.ask({cat("What color is the thing ", place, "?"), cat("Which color do you see ", place, "?")}, "word",
              answer);
  } else if (by_place) {
    draft.ask({cat("What shape is ", place, "?"), cat("Which shape do you see ", place, "?")}, "word", answer);
  } else if (ask_color) {
    draft.ask({cat("What color is the ", thing.shape, "?"), cat("Which color has the ", thing.shape, "?")}, "word",
              answer);
  } else {
    draft.ask({cat("What shape is ", thing.color, "?"), cat("Which shape is the ", thing.color, " thing?")}, "word",
              answer);
  }
  draft.task.scene["attribute"] = ask_color ? "color" : "shape";
}

}  // namespace

Task make_what_is_there(uint64_t seed, int level, Split) {
  Draft draft("what_is_there", seed, level);
  const SeenPlan plan = plan_of(level);
  const std::vector<Thing> things = choose_things(draft, plan);
  draft.task.pictures.push_back(draw_things(things, plan.grid, level, draft.rng));
  const size_t chosen = static_cast<size_t>(draft.number(0, static_cast<int>(things.size()) - 1));
  const Thing& thing = things[chosen];
  const bool by_place = plan.may_repeat || draft.chance(0.6);
  const std::string place = place_words(thing, plan.grid);
  draft.task.scene = {{"things", things_json(things)}, {"chosen", chosen}, {"by_place", by_place}};
  ask(draft, thing, place, by_place);
  const bool color = draft.task.scene["attribute"] == "color";
  const std::string where = by_place ? cat("The thing ", place)
                            : color  ? cat("The ", thing.shape)
                                     : cat("The ", thing.color, " thing");
  draft.task.transcript = plan.may_repeat ? read_numbered(things) : read_placed(things, plan.grid);
  std::vector<Thing> row;  // in a large grid only the row in question is read
  std::ranges::copy_if(things, std::back_inserter(row), [&](const Thing& other) { return other.row == thing.row; });
  draft.task.solution = cat("I see ", level >= 4 ? read_numbered(row) : draft.task.transcript, ". ", where, ": ",
                            thing.name(), ". So ", draft.task.answer, ".");
  for (const Thing& other : things) draft.slip(color ? other.color : other.shape, "took another thing");
  draft.slip(color ? thing.shape : thing.color, "named the wrong property");
  if (draft.chance(0.2)) {
    draft.task.distractors.clear();
    std::vector<std::string> spares = color ? level_colors(std::max(2, level)) : level_shapes(std::max(2, level));
    draft.rng.shuffle(spares);
    draft.offer_options(spares);
  }
  return draft.task;
}

}  // namespace r1v

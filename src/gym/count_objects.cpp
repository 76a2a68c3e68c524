// Counting by colour, by shape or by both.
#include <algorithm>

#include "base/error.h"
#include "gym/draft.h"
#include "gym/families.h"
#include "gym/things.h"

namespace r1v {

namespace {

struct CountLimits {
  ThingGrid grid;
  int min_count, max_count, max_others;
};

CountLimits limits_of(int level) {
  switch (level) {
    case 1:
      return {{3, 3, 112, 112}, 1, 4, 2};
    case 2:
      return {{3, 3, 112, 112}, 1, 5, 3};
    case 3:
      return {{3, 4, 112, 112}, 0, 7, 5};
    case 4:
      return {{3, 6, 224, 112}, 0, 9, 8};
    default:
      return {{6, 6, 224, 224}, 0, 12, 14};
  }
}

/// Empty members match everything; a second colour is an alternative to the first.
struct Wanted {
  std::string color, other_color, shape;

  bool has_color(const Thing& thing) const {
    return color.empty() || thing.color == color || thing.color == other_color;
  }
  bool has_shape(const Thing& thing) const { return shape.empty() || thing.shape == shape; }
  bool matches(const Thing& thing) const { return has_color(thing) && has_shape(thing); }
  std::string colors() const { return other_color.empty() ? color : color + " or " + other_color; }
  std::string name(bool several) const {
    const std::string noun = several ? (shape.empty() ? "things" : plural(shape)) : (shape.empty() ? "thing" : shape);
    return color.empty() ? noun : colors() + " " + noun;
  }
};

Wanted choose_wanted(Draft& draft) {
  const int level = draft.task.level;
  const std::vector<std::string> colors = sample(level_colors(level), 2, draft.rng);
  const std::string shape = draft.rng.pick(level_shapes(level));
  const double both = level == 1 ? 0 : level == 2 ? 0.25 : 0.6;
  Wanted wanted;
  if (draft.chance(both)) {
    wanted = {.color = colors[0], .shape = shape};
  } else if (draft.chance(0.5)) {
    wanted = {.color = colors[0]};
  } else {
    wanted = {.shape = shape};
  }
  if (level == 5 && !wanted.color.empty() && draft.chance(0.5)) wanted.other_color = colors[1];
  return wanted;
}

std::vector<Thing> choose_things(Draft& draft, const Wanted& wanted, const CountLimits& limits) {
  const int level = draft.task.level;
  const int count = draft.number(limits.min_count, limits.max_count);
  const int others = draft.number(count == 0 ? 2 : 1, limits.max_others);
  std::vector<Thing> things;
  for (int missing_matches = count, missing_others = others; missing_matches + missing_others > 0;) {
    Thing thing{.shape = draft.rng.pick(level_shapes(level)), .color = draft.rng.pick(level_colors(level))};
    if (missing_matches > 0 && !wanted.shape.empty()) thing.shape = wanted.shape;
    if (missing_matches > 0 && !wanted.has_color(thing)) thing.color = wanted.color;
    int& missing = wanted.matches(thing) ? missing_matches : missing_others;
    if (missing == 0) continue;
    --missing;
    things.push_back(thing);
  }
  return things;
}

void add_slips(Draft& draft, const Wanted& wanted, const std::vector<Thing>& things, int count) {
  const auto number_of = [&](auto test) { return static_cast<int>(std::ranges::count_if(things, test)); };
  if (!wanted.color.empty() && !wanted.shape.empty()) {
    draft.slip(number_of([&](const Thing& thing) { return wanted.has_color(thing); }),
               "counted every shape of the colour");
    draft.slip(number_of([&](const Thing& thing) { return wanted.has_shape(thing); }),
               "counted the shape in every colour");
  }
  draft.slip(count + 1, "counted one thing twice");
  if (count > 0) draft.slip(count - 1, "missed one thing");
  draft.slip(static_cast<int>(things.size()), "counted everything");
}

std::string counted(const Wanted& wanted, const std::vector<Thing>& things) {
  std::vector<std::string> steps;
  for (const Thing& thing : things) {
    if (wanted.matches(thing)) steps.push_back(cat(thing.name(), " ", steps.size() + 1));
  }
  return steps.empty() ? "none" : join(steps);
}

}  // namespace

Task make_count_objects(uint64_t seed, int level, Split) {
  Draft draft("count_objects", seed, level);
  const CountLimits limits = limits_of(level);
  const Wanted wanted = choose_wanted(draft);
  std::vector<Thing> things = choose_things(draft, wanted, limits);
  scatter(things, limits.grid, draft.rng);
  draft.task.pictures.push_back(draw_things(things, limits.grid, level, draft.rng));
  Json colors = Json::array();
  for (const std::string& color : {wanted.color, wanted.other_color}) {
    if (!color.empty()) colors.push_back(color);
  }
  draft.task.scene = {{"things", things_json(things)}, {"wanted", {{"colors", colors}, {"shape", wanted.shape}}}};
  const int count =
      static_cast<int>(std::ranges::count_if(things, [&](const Thing& thing) { return wanted.matches(thing); }));
  const std::string many = wanted.name(true);
  draft.ask(
      {cat("How many ", many, " are there?"), cat("Count the ", many, "."), cat("How many ", many, " do you see?")},
      count);
  draft.task.transcript = read_things(things);
  draft.task.solution =
      cat("I see ", draft.task.transcript, ". Count ", many, ": ", counted(wanted, things), ". So ", count, ".");
  add_slips(draft, wanted, things, count);
  return draft.task;
}

}  // namespace r1v

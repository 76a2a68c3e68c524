// Small maps: places joined by roads with lengths or by one-way roads; how long, which way, what can be reached?
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "gym/calculation.h"
#include "gym/draft.h"
#include "gym/families.h"
#include "gym/figure.h"

namespace r1v {

namespace {

struct Road {
  size_t from = 0, to = 0;
  int length = 0;  // 0: not labelled
};

struct Map {
  int width = 112, height = 112;
  std::vector<Point> places;
  std::vector<std::string> names;
  std::vector<Road> roads;
  bool is_one_way = false;
};

using Way = std::vector<size_t>;

/// All ways from one place to another that visit no place twice, in the order of the roads.
void collect_ways(const Map& map, Way& way, size_t goal, std::vector<Way>& ways) {
  if (way.back() == goal) {
    ways.push_back(way);
    return;
  }
  for (const Road& road : map.roads) {
    for (const bool is_back : {false, true}) {
      if (is_back && map.is_one_way) continue;
      const size_t from = is_back ? road.to : road.from, next = is_back ? road.from : road.to;
      if (from != way.back() || std::ranges::count(way, next) > 0) continue;
      way.push_back(next);
      collect_ways(map, way, goal, ways);
      way.pop_back();
    }
  }
}

std::vector<Way> ways_between(const Map& map, size_t start, size_t goal) {
  std::vector<Way> ways;
  Way way = {start};
  collect_ways(map, way, goal, ways);
  return ways;
}

std::vector<int> lengths_of(const Map& map, const Way& way) {
  std::vector<int> lengths;
  for (size_t i = 0; i + 1 < way.size(); ++i) {
    for (const Road& road : map.roads) {
      const bool fits =
          (road.from == way[i] && road.to == way[i + 1]) || (road.to == way[i] && road.from == way[i + 1]);
      if (fits) lengths.push_back(road.length);
    }
  }
  return lengths;
}

int total_of(const Map& map, const Way& way) {
  int total = 0;
  for (const int length : lengths_of(map, way)) total += length;
  return total;
}

std::string spell(const Map& map, const Way& way) {
  std::vector<std::string> names;
  for (const size_t place : way) names.push_back(map.names[place]);
  return join(names, "-");
}

/// The places of a level, and which pairs are joined.
Map layout_of(Draft& draft) {
  const int level = draft.task.level;
  Map map;
  std::vector<std::array<size_t, 2>> joined;
  if (level == 1) {
    map.places = {{17, 84}, {56, 28}, {95, 84}};
    joined = {{0, 1}, {1, 2}};
  } else if (level == 2) {
    map.places = {{17, 17}, {95, 17}, {17, 95}, {95, 95}};
    joined = {{0, 1}, {1, 3}, {0, 2}, {2, 3}};
  } else {
    map.width = 224, map.height = level == 5 ? 224 : 112;
    const double low = map.height - 18.0;
    map.places = {{18, low / 2 + 9}, {84, 18}, {84, low}, {150, 18}, {150, low}, {206, low / 2 + 9}};
    joined = {{0, 1}, {0, 2}, {1, 3}, {2, 4}, {3, 5}, {4, 5}};
    if (level == 4) joined.push_back(draft.chance(0.5) ? std::array<size_t, 2>{1, 4} : std::array<size_t, 2>{2, 3});
    if (level == 5) joined.insert(joined.end(), {{1, 2}, {3, 4}});
  }
  for (const auto& [from, to] : joined) map.roads.push_back({from, to, 0});
  return map;
}

Map plan(Draft& draft) {
  const int level = draft.task.level;
  Map map = layout_of(draft);
  std::vector<std::string> names = {"A", "B", "C", "D", "E", "F"};
  names.resize(map.places.size());
  draft.rng.shuffle(names);
  map.names = names;
  const bool flips = draft.chance(0.5);
  for (Point& place : map.places) {
    if (flips) place.y = map.height - place.y;
    place.x += draft.rng.uniform(-2, 2), place.y += draft.rng.uniform(-2, 2);
  }
  for (Road& road : map.roads) road.length = draft.number(1, level <= 2 ? 9 : level == 3 ? 12 : 20);
  return map;
}

/// Points each road some way so that all places but one can be reached from place 0: that one only leads away.
size_t make_one_way(Draft& draft, Map& map) {
  map.is_one_way = true;
  const size_t lost = static_cast<size_t>(draft.number(1, static_cast<int>(map.places.size()) - 1));
  for (Road& road : map.roads) {
    road.length = 0;
    if (road.to == lost || (road.from != lost && draft.chance(0.3) && road.from != 0)) std::swap(road.from, road.to);
  }
  return lost;
}

void draw_road(Canvas& canvas, const Map& map, const Road& road, const Paint& line, const TextStyle& text) {
  const Point from = map.places[road.from], to = map.places[road.to];
  const double length = std::hypot(to.x - from.x, to.y - from.y), dx = (to.x - from.x) / length,
               dy = (to.y - from.y) / length;
  const Point center = {(from.x + to.x) / 2, (from.y + to.y) / 2};
  Mark mark =
      place("edge", center, std::abs(to.x - from.x), std::abs(to.y - from.y), road.length > 0 ? road.length : -1);
  mark.label = map.names[road.from] + map.names[road.to];
  canvas.mark(mark);
  if (map.is_one_way) {
    canvas.arrow({from.x + 13 * dx, from.y + 13 * dy}, {to.x - 14 * dx, to.y - 14 * dy}, line, 2.5, 11);
    return;
  }
  canvas.line(from, to, line, 2.5);
  const std::string label = std::to_string(road.length);
  const double half_width = canvas.text_width(label, text) / 2 + 2, half_height = 0.45 * text.size + 1;
  canvas.fill_rect(center.x - half_width, center.y - half_height, 2 * half_width, 2 * half_height, paint("white"));
  canvas.text(label, center, text);
}

void draw(Draft& draft, const Map& map) {
  const int level = draft.task.level;
  Rng& rng = draft.rng;
  Canvas canvas(map.width, map.height, level == 1 ? paint("white") : paper(rng, level));
  const Paint line = ink(rng, level), fill = tint(rng);
  const TextStyle text = {.size = level <= 2 ? rng.uniform(16, 18) : rng.uniform(14, 16),
                          .font = pick_font(rng, level)};
  for (const Road& road : map.roads) draw_road(canvas, map, road, line, text);
  for (size_t i = 0; i < map.places.size(); ++i) {
    canvas.fill_circle(map.places[i], 13, fill);
    canvas.stroke_circle(map.places[i], 13, line, 2);
    Mark mark = place("node", map.places[i], 26, 26);
    mark.label = map.names[i];
    canvas.mark(mark);
    canvas.text(map.names[i], map.places[i], text);
  }
  draft.task.pictures.push_back(canvas.finish(rng, level));
}

/// Roads by name: "A-B 4, B-C 7"; one-way roads in their direction: "A to B".
std::string read_off(const Map& map) {
  std::vector<std::string> words;
  for (const Road& road : map.roads) {
    std::string from = map.names[road.from], to = map.names[road.to];
    if (map.is_one_way) {
      words.push_back(cat(from, " to ", to));
    } else {
      if (to < from) std::swap(from, to);
      words.push_back(cat(from, "-", to, " ", road.length));
    }
  }
  std::ranges::sort(words);
  return join(words);
}

void ask_length(Draft& draft, const Map& map, const Way& way) {
  const std::string from = map.names[way.front()], to = map.names[way.back()], over = map.names[way[1]];
  const std::vector<int> lengths = lengths_of(map, way);
  draft.ask({cat("How long is the way from ", from, " to ", to, "?"),
             cat("How far is it from ", from, " to ", to, " over ", over, "?")},
            total_of(map, way));
  draft.task.solution = cat("I see ", draft.task.transcript, ". ", worked_sum(lengths), ".");
  draft.slip(total_of(map, way) + 1, "added wrongly");
  draft.slip(std::abs(lengths[0] - lengths[1]), "took the difference");
  draft.slip(lengths[0], "forgot the second road");
}

/// Every way with its length, for maps with two ways.
std::string try_ways(const Map& map, const std::vector<Way>& ways) {
  std::string steps;
  for (const Way& way : ways) steps += cat(spell(map, way), ": ", worked_sum(lengths_of(map, way)), ". ");
  return steps;
}

/// Place after place, the nearest to the start first, each reached from the one before it on its shortest way
/// (Dijkstra).
std::string spread_out(const Map& map, size_t goal) {
  struct Reached {
    size_t place;
    int distance;
  };
  std::vector<Reached> reached = {{0, 0}};
  std::string steps = cat(map.names[0], ": 0. ");
  while (reached.back().place != goal) {
    Reached nearest{0, std::numeric_limits<int>::max()}, before{0, 0};
    for (const Reached& known : reached) {
      for (const Road& road : map.roads) {
        if (road.from != known.place && road.to != known.place) continue;
        const size_t next = road.from == known.place ? road.to : road.from;
        const bool is_known = std::ranges::any_of(reached, [&](const Reached& other) { return other.place == next; });
        if (!is_known && known.distance + road.length < nearest.distance)
          nearest = {next, known.distance + road.length}, before = known;
      }
    }
    steps += cat(map.names[nearest.place], " from ", map.names[before.place], ": ",
                 worked_sum(before.distance, nearest.distance - before.distance), ". ");
    reached.push_back(nearest);
  }
  return steps;
}

void ask_shortest(Draft& draft, const Map& map, size_t start, size_t goal) {
  int best = std::numeric_limits<int>::max(), longest = 0;
  const std::vector<Way> ways = ways_between(map, start, goal);
  for (const Way& way : ways)
    best = std::min(best, total_of(map, way)), longest = std::max(longest, total_of(map, way));
  const std::string from = map.names[start], to = map.names[goal];
  draft.ask({cat("How long is the shortest way from ", from, " to ", to, "?"),
             cat("What is the shortest distance from ", from, " to ", to, "?")},
            best);
  draft.task.scene["ask"] = "shortest";
  draft.task.solution =
      cat("I see ", draft.task.transcript, ". ", ways.size() == 2 ? try_ways(map, ways) : spread_out(map, goal),
          "The shortest is ", best, ".");
  draft.slip(longest, "took a longer way");
  draft.slip(best + 1, "added wrongly");
  const int first = lengths_of(map, ways[0])[0];
  draft.slip(best > first ? best - first : best + 2, "left out a road");
}

bool all_but_one_reached(const Map& map, size_t lost) {
  for (size_t place = 1; place < map.places.size(); ++place) {
    if (ways_between(map, 0, place).empty() != (place == lost)) return false;
  }
  return true;
}

void ask_reach(Draft& draft, const Map& map, size_t lost) {
  const std::string start = map.names[0];
  draft.ask({cat("Which place can you not reach from ", start, "?"),
             cat("You start at ", start, ". Which place can you not get to?")},
            "word", map.names[lost]);
  draft.task.scene["ask"] = "unreachable";
  std::vector<std::string> ways;
  for (size_t place = 1; place < map.places.size(); ++place) {
    if (place != lost) ways.push_back(spell(map, ways_between(map, 0, place).front()));
  }
  draft.task.solution =
      cat("I see ", draft.task.transcript, ". Ways: ", join(ways), ". No road leads to ", map.names[lost], ".");
  for (size_t place = map.places.size(); place-- > 1;) draft.slip(map.names[place], "overlooked a way");
}

}  // namespace

Task make_map_path(uint64_t seed, int level, Split) {
  Draft draft("map_path", seed, level);
  Map map = plan(draft);
  const bool asks_reach = level >= 3 && level <= 4 && draft.chance(0.4);
  size_t lost = 0;
  if (asks_reach) {
    const std::vector<Road> roads = map.roads;
    do {
      map.roads = roads;
      lost = make_one_way(draft, map);
    } while (!all_but_one_reached(map, lost));
  }
  draw(draft, map);
  draft.task.transcript = read_off(map);
  Json roads = Json::array();
  for (const Road& road : map.roads) {
    roads.push_back({{"from", map.names[road.from]}, {"to", map.names[road.to]}, {"length", road.length}});
  }
  const size_t goal = map.places.size() - 1;
  draft.task.scene = {
      {"places", map.names}, {"roads", roads}, {"one_way", map.is_one_way}, {"start", map.names[0]}, {"ask", "length"}};
  if (!asks_reach) draft.task.scene["goal"] = map.names[goal];
  if (asks_reach) {
    ask_reach(draft, map, lost);
  } else if (level == 1) {
    ask_length(draft, map, {0, 1, 2});
  } else {
    ask_shortest(draft, map, 0, goal);
  }
  return draft.task;
}

}  // namespace r1v

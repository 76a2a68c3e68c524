// Tables: one column of numbers at levels 1 and 2, several with a head from level 3 on.
#include <algorithm>

#include "base/error.h"
#include "gym/amounts.h"
#include "gym/draft.h"
#include "gym/families.h"
#include "gym/solution.h"
#include "gym/things.h"
#include "gym/words.h"

namespace r1v {

namespace {

/// Points of people on days; cells[row][column].
struct Table {
  std::vector<std::string> people, days;
  std::vector<std::vector<int>> cells;

  std::string read_row(size_t row) const {
    std::vector<std::string> parts;
    for (size_t i = 0; i < days.size(); ++i) parts.push_back(cat(days[i], " ", cells[row][i]));
    return cat(people[row], ": ", join(parts));
  }
  std::string read_column(size_t column) const {
    std::vector<std::string> parts;
    for (size_t i = 0; i < people.size(); ++i) parts.push_back(cat(people[i], " ", cells[i][column]));
    return cat(days[column], ": ", join(parts));
  }
  std::string text() const {
    std::vector<std::string> rows;
    for (size_t i = 0; i < people.size(); ++i) rows.push_back(read_row(i));
    return join(rows, "; ");
  }
};

struct Ruling {
  Paint dark, faint;
  bool lines, shaded_rows;
};

Ruling choose_ruling(Draft& draft) {
  return {ink(draft.rng, draft.task.level), {"gray", 0.72, 0.72, 0.72}, draft.chance(0.7), draft.chance(0.4)};
}

void draw_rows(Canvas& canvas, const Ruling& ruling, double row_height, int num_rows) {
  for (int row = 0; row < num_rows; ++row) {
    if (ruling.shaded_rows && row % 2)
      canvas.fill_rect(0, row * row_height, canvas.width(), row_height, {"white", 0.88, 0.91, 0.95});
    if (ruling.lines && row)
      canvas.line({2, row * row_height}, {canvas.width() - 2.0, row * row_height}, ruling.faint, 1);
  }
}

void draw_list(Draft& draft, const Amounts& amounts) {
  const int level = draft.task.level;
  Canvas canvas(112, 112, paper(draft.rng, level));
  const Ruling ruling = choose_ruling(draft);
  const double row_height = 112.0 / static_cast<double>(amounts.size());
  draw_rows(canvas, ruling, row_height, static_cast<int>(amounts.size()));
  if (ruling.lines) canvas.line({74, 2}, {74, 110}, ruling.faint, 1);
  for (size_t i = 0; i < amounts.size(); ++i) {
    const double y = (static_cast<double>(i) + 0.5) * row_height;
    canvas.text(amounts.labels[i], {6, y}, {.size = 14, .paint = ruling.dark, .align = Align::left});
    canvas.text(std::to_string(amounts.values[i]), {104, y}, {.size = 18, .paint = ruling.dark, .align = Align::right});
  }
  draft.task.pictures.push_back(canvas.finish(draft.rng, level));
}

void draw_table(Draft& draft, const Table& table) {
  const int level = draft.task.level, num_rows = static_cast<int>(table.people.size()) + 1;
  Canvas canvas(224, level <= 4 ? 112 : 168, paper(draft.rng, level));
  const Ruling ruling = choose_ruling(draft);
  const double row_height = static_cast<double>(canvas.height()) / num_rows, left = 60;
  const double slot = (224 - left) / static_cast<double>(table.days.size());
  draw_rows(canvas, ruling, row_height, num_rows);
  canvas.line({2, row_height}, {222, row_height}, ruling.dark, 1.5);
  const TextStyle style = {.size = 14, .font = pick_font(draft.rng, level), .paint = ruling.dark};
  TextStyle name = style;
  name.align = Align::left;
  for (size_t column = 0; column < table.days.size(); ++column) {
    const double x = left + (static_cast<double>(column) + 0.5) * slot;
    canvas.text(table.days[column], {x, 0.5 * row_height}, style);
    for (size_t row = 0; row < table.people.size(); ++row) {
      canvas.text(std::to_string(table.cells[row][column]), {x, (static_cast<double>(row) + 1.5) * row_height}, style);
    }
  }
  for (size_t row = 0; row < table.people.size(); ++row) {
    canvas.text(table.people[row], {6, (static_cast<double>(row) + 1.5) * row_height}, name);
  }
  draft.task.pictures.push_back(canvas.finish(draft.rng, level));
}

Table choose_table(Draft& draft) {
  const int level = draft.task.level, rows = level == 5 ? 5 : level, columns = level - 1, high = level == 3 ? 20 : 99;
  Table table;
  table.people = sample({kNames.begin(), kNames.end()}, rows, draft.rng);
  const auto first = kShortDays.begin() + draft.number(0, 7 - columns);
  table.days.assign(first, first + columns);
  std::vector<int> values;
  for (int value = 1; value <= high; ++value) values.push_back(value);
  draft.rng.shuffle(values);
  for (int row = 0; row < rows; ++row) {
    const auto begin = values.begin() + row * columns;
    table.cells.emplace_back(begin, begin + columns);
  }
  return table;
}

/// Only the part that is needed is read in the solution; the transcript has everything.
void finish(Draft& draft, const Table& table, const char* ask, const std::vector<size_t>& of, const std::string& read,
            const std::string& steps) {
  draft.task.scene["ask"] = ask;
  draft.task.scene["of"] = of;
  draft.task.transcript = table.text();
  draft.task.solution = cat("I see ", read, ". ", steps, ". So ", draft.task.answer, ".");
}

void ask_cell(Draft& draft, const Table& table, size_t row, size_t column) {
  const std::string &who = table.people[row], &day = table.days[column];
  const int value = table.cells[row][column];
  draft.ask(
      {cat("How many points did ", who, " get on ", day, "?"), cat("What is the number of ", who, " on ", day, "?")},
      value);
  finish(draft, table, "cell", {row, column}, table.read_row(row), cat(day, ": ", value));
  for (size_t i = 0; i < table.days.size(); ++i) draft.slip(table.cells[row][i], "took the wrong column");
  for (size_t i = 0; i < table.people.size(); ++i) draft.slip(table.cells[i][column], "took the wrong row");
}

void ask_row_sum(Draft& draft, const Table& table, size_t row) {
  int sum = 0;
  for (const int value : table.cells[row]) sum += value;
  draft.ask({cat("How many points did ", table.people[row], " get in total?"),
             cat("What is the sum of the row of ", table.people[row], "?")},
            sum);
  finish(draft, table, "row_sum", {row}, table.read_row(row), sum_steps(table.cells[row]));
  draft.slip(sum - table.cells[row].back(), "left out the last value");
  draft.slip(sum + 10, "a wrong tens digit");
  draft.slip(sum + 1, "one too many");
}

void ask_difference(Draft& draft, const Table& table, size_t a, size_t b, size_t column) {
  if (table.cells[a][column] < table.cells[b][column]) std::swap(a, b);
  const int x = table.cells[a][column], y = table.cells[b][column];
  draft.ask(
      {cat("How many more points did ", table.people[a], " get than ", table.people[b], " on ", table.days[column],
           "?"),
       cat("By how many points was ", table.people[a], " ahead of ", table.people[b], " on ", table.days[column], "?")},
      x - y);
  finish(draft, table, "difference", {a, b, column}, table.read_column(column),
         cat(table.people[a], " ", x, ", ", table.people[b], " ", y, ": ", subtract_steps(x, y)));
  draft.slip(x + y, "added instead of subtracting");
  draft.slip(x, "forgot to subtract");
  if (x % 10 < y % 10) draft.slip(x - y + 10, "forgot the borrow");
  draft.slip(x - y + 1, "misread one value by one");
}

void ask_best(Draft& draft, const Table& table, size_t column) {
  size_t best = 0;
  for (size_t i = 0; i < table.people.size(); ++i) best = table.cells[i][column] > table.cells[best][column] ? i : best;
  draft.ask(
      {cat("Who got the most points on ", table.days[column], "?"), cat("Who was best on ", table.days[column], "?")},
      "word", table.people[best]);
  finish(draft, table, "best", {best, column}, table.read_column(column),
         cat("The largest is ", table.cells[best][column], ": ", table.people[best]));
  for (const std::string& other : table.people) draft.slip(other, "took another row");
  if (table.people.size() >= 4 && draft.chance(0.3)) draft.offer_options({});
}

void ask_table(Draft& draft, const Table& table) {
  const int last_row = static_cast<int>(table.people.size()) - 1, last_column = static_cast<int>(table.days.size()) - 1;
  const auto row = static_cast<size_t>(draft.number(0, last_row)),
             column = static_cast<size_t>(draft.number(0, last_column));
  const auto other = (row + static_cast<size_t>(draft.number(1, last_row))) % table.people.size();
  switch (draft.number(0, 4)) {
    case 0:
      return ask_row_sum(draft, table, row);
    case 1:
      return ask_difference(draft, table, row, other, column);
    case 2:
      return ask_best(draft, table, column);
    default:
      return ask_cell(draft, table, row, column);
  }
}

}  // namespace

Task make_table_lookup(uint64_t seed, int level, Split) {
  Draft draft("table_lookup", seed, level);
  if (level <= 2) {
    const AmountLimits limits = {.count = level == 1 ? 3 : 4, .low = 1, .high = level == 1 ? 9 : 20};
    const Amounts amounts = choose_amounts(draft, limits);
    draw_list(draft, amounts);
    draft.task.scene = amounts.json();
    ask_amounts(draft, amounts);
    return draft.task;
  }
  const Table table = choose_table(draft);
  draw_table(draft, table);
  draft.task.scene = {{"people", table.people}, {"days", table.days}, {"cells", table.cells}};
  ask_table(draft, table);
  return draft.task;
}

}  // namespace r1v

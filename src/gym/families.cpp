// The table of all families.
#include "gym/families.h"

namespace r1v {

const std::vector<TaskFamily>& gym_families() {
  static const std::vector<TaskFamily> families = {
      {"count_objects", "how many things of a colour, a shape or both", true, make_count_objects},
      {"relation", "neighbours, between, ends of a row, largest and smallest", true, make_relation},
      {"what_is_there", "colour or shape of the thing at a place", true, make_what_is_there},
      {"bar_chart", "read, compare, add, find extremes of bars", true, make_bar_chart},
      {"line_chart", "values, extremes, changes, trends; two lines that meet", true, make_line_chart},
      {"pie_chart", "parts in per cent, sums, extremes, missing parts", true, make_pie_chart},
      {"table_lookup", "look up, add and compare in tables", true, make_table_lookup},
      {"clock", "read a clock, add minutes, compare two clocks", true, make_clock},
      {"read_text", "read one of several printed lines", true, make_read_text},
      {"typeset_sum", "printed arithmetic: + - x, columns, brackets", true, make_typeset_sum},
      {"handwritten_digit", "real handwriting: a digit or a number", true, nullptr, make_handwritten_digit},
      {"handwritten_sum", "arithmetic with handwritten numbers", true, nullptr, make_handwritten_sum},
      {"number_line", "the number at an arrow on a line of ticks", true, make_number_line},
      {"ruler", "lengths and differences on a ruler", true, make_ruler},
      {"rectangle_measure", "perimeter, area and missing sides of rectangles", true, make_rectangle_measure},
      {"triangle_measure", "perimeter, area and missing sides of triangles", true, make_triangle_measure},
      {"circle_measure", "radius, diameter, circumference, area", true, make_circle_measure},
      {"angles", "missing angles of triangles and crossing lines", true, make_angles},
      {"grid_points", "coordinates, slopes and distances on a grid", true, make_grid_points},
      {"shaded_fraction", "which part of a figure is shaded", true, make_shaded_fraction},
      {"dice", "pips of dice and dominoes", true, make_dice},
      {"coins", "values of coins and change", true, make_coins},
      {"sequence_figure", "what comes next in a row of numbers or figures", true, make_sequence_figure},
      {"balance_puzzle", "weights on a seesaw", true, make_balance_puzzle},
      {"map_path", "shortest ways and reachable places on small maps", true, make_map_path},
      {"compare_two", "what differs between two pictures", true, make_compare_two},
      {"text_arithmetic", "sums, differences, products and quotients of numbers", false, make_text_arithmetic},
      {"text_algebra", "equations with one unknown, later two", false, make_text_algebra},
      {"text_compare", "largest and smallest of numbers, fractions, terms", false, make_text_compare},
      {"text_word_problem", "small stories with one to three steps", false, make_text_word_problem},
      {"text_sequence", "the missing number of a sequence", false, make_text_sequence},
      {"text_units", "lengths, weights, money and times in other units", false, make_text_units},
  };
  return families;
}

}  // namespace r1v

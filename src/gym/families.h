// The makers of all families, one a line; the table that names and describes them is in families.cpp.
#pragma once

#include "gym/task.h"

namespace r1v {

// Seeing, reading and charts.
Task make_count_objects(uint64_t seed, int level, Split split);
Task make_relation(uint64_t seed, int level, Split split);
Task make_what_is_there(uint64_t seed, int level, Split split);
Task make_read_text(uint64_t seed, int level, Split split);
Task make_typeset_sum(uint64_t seed, int level, Split split);
Task make_handwritten_digit(uint64_t seed, int level, Split split, const DigitPool& digits);
Task make_handwritten_sum(uint64_t seed, int level, Split split, const DigitPool& digits);
Task make_bar_chart(uint64_t seed, int level, Split split);
Task make_line_chart(uint64_t seed, int level, Split split);
Task make_pie_chart(uint64_t seed, int level, Split split);
Task make_table_lookup(uint64_t seed, int level, Split split);
Task make_clock(uint64_t seed, int level, Split split);

// Measures and diagrams.
Task make_number_line(uint64_t seed, int level, Split split);
Task make_ruler(uint64_t seed, int level, Split split);
Task make_rectangle_measure(uint64_t seed, int level, Split split);
Task make_triangle_measure(uint64_t seed, int level, Split split);
Task make_circle_measure(uint64_t seed, int level, Split split);
Task make_angles(uint64_t seed, int level, Split split);
Task make_grid_points(uint64_t seed, int level, Split split);
Task make_shaded_fraction(uint64_t seed, int level, Split split);
Task make_dice(uint64_t seed, int level, Split split);
Task make_coins(uint64_t seed, int level, Split split);
Task make_sequence_figure(uint64_t seed, int level, Split split);
Task make_balance_puzzle(uint64_t seed, int level, Split split);
Task make_map_path(uint64_t seed, int level, Split split);
Task make_compare_two(uint64_t seed, int level, Split split);

// Text only.
Task make_text_arithmetic(uint64_t seed, int level, Split split);
Task make_text_algebra(uint64_t seed, int level, Split split);
Task make_text_compare(uint64_t seed, int level, Split split);
Task make_text_word_problem(uint64_t seed, int level, Split split);
Task make_text_sequence(uint64_t seed, int level, Split split);
Task make_text_units(uint64_t seed, int level, Split split);

}  // namespace r1v

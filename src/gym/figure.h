// Plane figures with lettering: fitting into a box, numbers beside sides and in corners.
#pragma once

#include <string>
#include <vector>

#include "gym/canvas.h"

namespace r1v {

struct Box {
  double left = 0, top = 0, width = 0, height = 0;
};

/// Turns the points by `turn` radians, then scales and moves them so that they fill the box as far as their proportions
/// allow, centred.
std::vector<Point> fit_into(const std::vector<Point>& points, const Box& box, double turn = 0);

Point middle(const std::vector<Point>& points);

/// Fills (tint) and outlines a polygon and marks its corners ("vertex").
void draw_polygon(Canvas& canvas, const std::vector<Point>& corners, const Paint& line, const Paint& fill,
                  double line_width);

/// Text beside the middle of the side from `a` to `b`, on the side away from `inside`; marks the side ("segment") with
/// the number when the text is one.
void label_side(Canvas& canvas, Point a, Point b, Point inside, const std::string& text, const TextStyle& style);

/// An arc at `corner` between the directions to `p` and `q` and the text inside the angle; marks it ("angle").
void label_angle(Canvas& canvas, Point corner, Point p, Point q, const std::string& text, const TextStyle& style);

/// The small square that says 90 degrees; marked "right angle".
void draw_right_angle(Canvas& canvas, Point corner, Point p, Point q, const Paint& paint, double size = 9);

/// A pale tint for filling figures.
Paint tint(Rng& rng);

/// The number of a text of one or two digits, else -1: a mark's value.
int mark_value(const std::string& text);

}  // namespace r1v

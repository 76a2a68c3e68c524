// Drawing with Cairo behind a small face: shapes, lines and text that leave marks, and an 8-bit RGB picture at the end.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/rng.h"
#include "gym/task.h"

namespace r1v {

/// A named colour; components in [0, 1].
struct Paint {
  std::string name;
  double red = 0, green = 0, blue = 0;
};

/// red orange yellow green cyan blue purple pink brown gray black white. The second form varies the components a
/// little.
Paint paint(const std::string& name);
Paint paint(const std::string& name, Rng& rng);
/// A light background: white at level 1 most of the time, pale tints from level 2 on.
Paint paper(Rng& rng, int level);

enum class Font { sans, sans_bold, mono, mono_bold, serif, serif_bold };
/// Sans at levels 1 and 2; any of the six from level 3 on.
Font pick_font(Rng& rng, int level);

enum class Align { left, center, right };

struct TextStyle {
  double size = 16;  // pixels (em); a digit is about 0.73 em high and 0.64 em wide in sans
  Font font = Font::sans;
  Paint paint = {"black", 0.06, 0.06, 0.06};
  Align align = Align::center;
};

struct Point {
  double x = 0, y = 0;
};

struct ShapeStyle {
  Paint paint;
  bool filled = true;  // else only an outline of `line_width`
  double line_width = 3;
  double turn = 0;  // radians
};

/// Pixels, y downwards, angles in radians clockwise from the positive x axis. Every visible character and every shape
/// leaves a Mark; lines, arcs and rectangles leave none (add your own with mark()).
class Canvas {
 public:
  Canvas(int width, int height, const Paint& background);
  ~Canvas();
  Canvas(Canvas&&) noexcept;
  Canvas& operator=(Canvas&&) noexcept;

  int width() const;
  int height() const;

  void line(Point from, Point to, const Paint& paint, double line_width = 2);
  void dashed_line(Point from, Point to, const Paint& paint, double line_width = 1.5, double dash = 4);
  void polyline(const std::vector<Point>& points, const Paint& paint, double line_width = 2);
  void fill_polygon(const std::vector<Point>& points, const Paint& paint);
  void stroke_polygon(const std::vector<Point>& points, const Paint& paint, double line_width = 2);
  void fill_rect(double x, double y, double width, double height, const Paint& paint);
  void stroke_rect(double x, double y, double width, double height, const Paint& paint, double line_width = 2);
  void fill_circle(Point center, double radius, const Paint& paint);
  void stroke_circle(Point center, double radius, const Paint& paint, double line_width = 2);
  void arc(Point center, double radius, double from, double to, const Paint& paint, double line_width = 2);
  void fill_sector(Point center, double radius, double from, double to, const Paint& paint);
  /// A straight arrow with a filled head at `to`.
  void arrow(Point from, Point to, const Paint& paint, double line_width = 2, double head = 8);

  /// One of kShapes (words.h) inscribed in the square of side `size` around `center`; leaves a Mark and returns it so
  /// that a value can be added (valid until the next mark).
  Mark& shape(const std::string& name, Point center, double size, const ShapeStyle& style);

  /// One line of text; `at` is the anchor: its x by style.align, its y the middle of the digits and capitals.
  void text(const std::string& text, Point at, const TextStyle& style);
  /// Advance width in pixels.
  double text_width(const std::string& text, const TextStyle& style) const;
  /// The largest of the sizes style.size, style.size - 1, ... , `smallest` at which the text is at most `limit` wide.
  double fitting_size(const std::string& text, TextStyle style, double limit, double smallest = 9) const;

  /// Puts a grey coverage map (0 nothing .. 255 full paint) of `columns` x `rows` values, bilinearly enlarged, into the
  /// given rectangle; leaves a Mark of kind "char" with this label around the covered part.
  void stamp(const std::vector<uint8_t>& coverage, int columns, int rows, double x, double y, double width,
             double height, const Paint& paint, const std::string& label);

  /// Adds a mark; a value outside 0..99 becomes none, and only the part inside the picture counts (for characters the
  /// whole box does: they must be legible).
  void mark(Mark mark);

  /// The picture with what a camera or a file format adds: nothing at level 1, sometimes slight noise or a JPEG round
  /// trip from level 2 on. The canvas is empty afterwards.
  GymPicture finish(Rng& rng, int level);

 private:
  /// Pixels as 0x00RRGGBB, row by row, for direct work between two drawing calls.
  std::span<uint32_t> lock_pixels();
  void unlock_pixels();
  std::vector<Mark> take_marks();

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace r1v

// The only file that knows Cairo: fixed antialiasing and no hinting, so the same calls give the same bytes everywhere.
#include "gym/canvas.h"

#include <cairo.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <utility>

#include "base/error.h"
#include "gym/shapes.h"

namespace r1v {

namespace {

struct FontFace {
  const char* family;
  cairo_font_weight_t weight;
};

FontFace face_of(Font font) {
  switch (font) {
    case Font::sans:
      return {"DejaVu Sans", CAIRO_FONT_WEIGHT_NORMAL};
    case Font::sans_bold:
      return {"DejaVu Sans", CAIRO_FONT_WEIGHT_BOLD};
    case Font::mono:
      return {"DejaVu Sans Mono", CAIRO_FONT_WEIGHT_NORMAL};
    case Font::mono_bold:
      return {"DejaVu Sans Mono", CAIRO_FONT_WEIGHT_BOLD};
    case Font::serif:
      return {"DejaVu Serif", CAIRO_FONT_WEIGHT_NORMAL};
    case Font::serif_bold:
      return {"DejaVu Serif", CAIRO_FONT_WEIGHT_BOLD};
  }
  return {"DejaVu Sans", CAIRO_FONT_WEIGHT_NORMAL};
}

void select_font(cairo_t* context, Font font, double size) {
  const FontFace face = face_of(font);
  cairo_select_font_face(context, face.family, CAIRO_FONT_SLANT_NORMAL, face.weight);
  cairo_set_font_size(context, size);
}

void set_paint(cairo_t* context, const Paint& paint) {
  cairo_set_source_rgb(context, paint.red, paint.green, paint.blue);
}

/// The characters of a UTF-8 string, one string each.
std::vector<std::string> characters(const std::string& text) {
  std::vector<std::string> out;
  for (const char byte : text) {
    const bool continues = (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
    if (continues && !out.empty()) {
      out.back() += byte;
    } else {
      out.emplace_back(1, byte);
    }
  }
  return out;
}

/// A hyphen is drawn as a minus sign, as wide as a plus; its mark keeps the name "-".
std::string drawn_as(const std::string& character) { return character == "-" ? "\u2212" : character; }

cairo_text_extents_t extents_of(cairo_t* context, const std::string& text) {
  cairo_text_extents_t extents;
  cairo_text_extents(context, text.c_str(), &extents);
  return extents;
}

/// Cairo replaces a missing font in silence; the advances of "0" at 100 px tell whether all six faces are DejaVu's.
bool fonts_are_dejavu(cairo_t* context) {
  const std::pair<Font, double> known[] = {{Font::sans, 63.62},  {Font::sans_bold, 69.58},
                                           {Font::mono, 60.21},  {Font::mono_bold, 60.21},
                                           {Font::serif, 63.62}, {Font::serif_bold, 69.58}};
  for (const auto& [font, advance] : known) {
    select_font(context, font, 100);
    if (std::abs(extents_of(context, "0").x_advance - advance) > 0.1) {
      return false;
    }
  }
  return true;
}

void trace_polygon(cairo_t* context, const std::vector<Point>& points) {
  cairo_new_path(context);
  for (const Point& point : points) {
    cairo_line_to(context, point.x, point.y);
  }
}

}  // namespace

struct Canvas::Impl {
  cairo_surface_t* surface = nullptr;
  cairo_t* context = nullptr;
  int width = 0, height = 0;
  std::vector<Mark> marks;

  ~Impl() {
    cairo_destroy(context);
    cairo_surface_destroy(surface);
  }

  void stroke(const Paint& paint, double line_width) {
    set_paint(context, paint);
    cairo_set_line_width(context, line_width);
    cairo_stroke(context);
  }
  void fill(const Paint& paint) {
    set_paint(context, paint);
    cairo_fill(context);
  }
};

Canvas::Canvas(int width, int height, const Paint& background) : impl_(std::make_unique<Impl>()) {
  R1V_CHECK(width > 0 && height > 0, "canvas of ", width, " x ", height);
  impl_->width = width;
  impl_->height = height;
  impl_->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
  impl_->context = cairo_create(impl_->surface);
  R1V_CHECK(cairo_status(impl_->context) == CAIRO_STATUS_SUCCESS,
            "cairo: ", cairo_status_to_string(cairo_status(impl_->context)));
  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  cairo_set_font_options(impl_->context, options);
  cairo_font_options_destroy(options);
  cairo_set_antialias(impl_->context, CAIRO_ANTIALIAS_GRAY);
  cairo_set_line_join(impl_->context, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap(impl_->context, CAIRO_LINE_CAP_ROUND);
  static const bool fonts_present = fonts_are_dejavu(impl_->context);
  if (!fonts_present) {
    throw InputError(
        "the DejaVu Sans, Sans Mono and Serif fonts were not found; install the package fonts-dejavu-core");
  }
  set_paint(impl_->context, background);
  cairo_paint(impl_->context);
}

Canvas::~Canvas() = default;
Canvas::Canvas(Canvas&&) noexcept = default;
Canvas& Canvas::operator=(Canvas&&) noexcept = default;

int Canvas::width() const { return impl_->width; }
int Canvas::height() const { return impl_->height; }

void Canvas::line(Point from, Point to, const Paint& paint, double line_width) {
  polyline({from, to}, paint, line_width);
}

void Canvas::dashed_line(Point from, Point to, const Paint& paint, double line_width, double dash) {
  cairo_set_dash(impl_->context, &dash, 1, 0);
  cairo_set_line_cap(impl_->context, CAIRO_LINE_CAP_BUTT);
  polyline({from, to}, paint, line_width);
  cairo_set_line_cap(impl_->context, CAIRO_LINE_CAP_ROUND);
  cairo_set_dash(impl_->context, nullptr, 0, 0);
}

void Canvas::polyline(const std::vector<Point>& points, const Paint& paint, double line_width) {
  trace_polygon(impl_->context, points);
  impl_->stroke(paint, line_width);
}

void Canvas::fill_polygon(const std::vector<Point>& points, const Paint& paint) {
  trace_polygon(impl_->context, points);
  impl_->fill(paint);
}

void Canvas::stroke_polygon(const std::vector<Point>& points, const Paint& paint, double line_width) {
  trace_polygon(impl_->context, points);
  cairo_close_path(impl_->context);
  impl_->stroke(paint, line_width);
}

void Canvas::fill_rect(double x, double y, double width, double height, const Paint& paint) {
  cairo_rectangle(impl_->context, x, y, width, height);
  impl_->fill(paint);
}

void Canvas::stroke_rect(double x, double y, double width, double height, const Paint& paint, double line_width) {
  cairo_rectangle(impl_->context, x, y, width, height);
  impl_->stroke(paint, line_width);
}

void Canvas::fill_circle(Point center, double radius, const Paint& paint) {
  cairo_new_path(impl_->context);
  cairo_arc(impl_->context, center.x, center.y, radius, 0, 2 * std::numbers::pi);
  impl_->fill(paint);
}

void Canvas::stroke_circle(Point center, double radius, const Paint& paint, double line_width) {
  arc(center, radius, 0, 2 * std::numbers::pi, paint, line_width);
}

void Canvas::arc(Point center, double radius, double from, double to, const Paint& paint, double line_width) {
  cairo_new_path(impl_->context);
  cairo_arc(impl_->context, center.x, center.y, radius, from, to);
  impl_->stroke(paint, line_width);
}

void Canvas::fill_sector(Point center, double radius, double from, double to, const Paint& paint) {
  cairo_new_path(impl_->context);
  cairo_move_to(impl_->context, center.x, center.y);
  cairo_arc(impl_->context, center.x, center.y, radius, from, to);
  impl_->fill(paint);
}

void Canvas::arrow(Point from, Point to, const Paint& paint, double line_width, double head) {
  const double length = std::hypot(to.x - from.x, to.y - from.y);
  R1V_CHECK(length > 0, "an arrow needs two different ends");
  const double dx = (to.x - from.x) / length, dy = (to.y - from.y) / length;
  const Point neck = {to.x - head * dx, to.y - head * dy};
  line(from, neck, paint, line_width);
  const double half = 0.5 * head;
  fill_polygon({to, {neck.x - half * dy, neck.y + half * dx}, {neck.x + half * dy, neck.y - half * dx}}, paint);
}

Mark& Canvas::shape(const std::string& name, Point center, double size, const ShapeStyle& style) {
  std::vector<Point> outline = shape_outline(name);
  const double cosine = std::cos(style.turn), sine = std::sin(style.turn);
  double left = center.x, right = center.x, top = center.y, bottom = center.y;
  const double scale = style.filled ? size : size - style.line_width;
  for (Point& point : outline) {
    point = {center.x + scale * (cosine * point.x - sine * point.y),
             center.y + scale * (sine * point.x + cosine * point.y)};
    left = std::min(left, point.x), right = std::max(right, point.x);
    top = std::min(top, point.y), bottom = std::max(bottom, point.y);
  }
  if (style.filled) {
    fill_polygon(outline, style.paint);
  } else {
    stroke_polygon(outline, style.paint, style.line_width);
  }
  mark({.kind = name,
        .label = "",
        .color = style.paint.name,
        .cx = (left + right) / 2,
        .cy = (top + bottom) / 2,
        .width = right - left,
        .height = bottom - top});
  return impl_->marks.back();
}

void Canvas::text(const std::string& text, Point at, const TextStyle& style) {
  cairo_t* context = impl_->context;
  const double advance = text_width(text, style);
  double x = at.x - (style.align == Align::center ? advance / 2 : style.align == Align::right ? advance : 0);
  const double baseline = at.y + 0.3645 * style.size;  // half of DejaVu's capital height, 0.729 em
  set_paint(context, style.paint);
  for (const std::string& character : characters(text)) {
    const std::string drawn = drawn_as(character);
    const cairo_text_extents_t extents = extents_of(context, drawn);
    cairo_move_to(context, x, baseline);
    cairo_show_text(context, drawn.c_str());
    if (extents.width > 0) {
      mark({.kind = "char",
            .label = character,
            .color = style.paint.name,
            .cx = x + extents.x_bearing + extents.width / 2,
            .cy = baseline + extents.y_bearing + extents.height / 2,
            .width = extents.width,
            .height = extents.height});
    }
    x += extents.x_advance;
  }
  cairo_new_path(context);
}

double Canvas::text_width(const std::string& text, const TextStyle& style) const {
  select_font(impl_->context, style.font, style.size);
  double advance = 0;
  for (const std::string& character : characters(text)) {
    advance += extents_of(impl_->context, drawn_as(character)).x_advance;
  }
  return advance;
}

double Canvas::fitting_size(const std::string& text, TextStyle style, double limit, double smallest) const {
  while (style.size > smallest && text_width(text, style) > limit) {
    style.size = std::max(smallest, style.size - 1);
  }
  return style.size;
}

void Canvas::mark(Mark mark) {
  mark.value = mark.value > 99 ? -1 : std::max(mark.value, -1);
  if (mark.kind != "char") {
    const double left = std::max(0.0, mark.cx - mark.width / 2), top = std::max(0.0, mark.cy - mark.height / 2);
    const double right = std::min<double>(width(), mark.cx + mark.width / 2);
    const double bottom = std::min<double>(height(), mark.cy + mark.height / 2);
    R1V_CHECK(left <= right && top <= bottom, "the mark ", mark.kind, " lies outside the picture");
    mark.cx = (left + right) / 2, mark.cy = (top + bottom) / 2;
    mark.width = right - left, mark.height = bottom - top;
  }
  impl_->marks.push_back(std::move(mark));
}

std::span<uint32_t> Canvas::lock_pixels() {
  cairo_surface_flush(impl_->surface);
  R1V_CHECK(cairo_image_surface_get_stride(impl_->surface) == 4 * impl_->width, "cairo pads its rows");
  auto* pixels = reinterpret_cast<uint32_t*>(cairo_image_surface_get_data(impl_->surface));
  return {pixels, static_cast<size_t>(impl_->width) * static_cast<size_t>(impl_->height)};
}

void Canvas::unlock_pixels() { cairo_surface_mark_dirty(impl_->surface); }

std::vector<Mark> Canvas::take_marks() { return std::exchange(impl_->marks, {}); }

}  // namespace r1v

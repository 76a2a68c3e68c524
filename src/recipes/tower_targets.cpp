// Marks -> labels a patch. A small mark wins over a large one that covers the same patch.
#include "recipes/tower_targets.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace r1v {
namespace {

constexpr int kMaxValue = 99;
constexpr int kMaxCenters = 3;
constexpr double kLegibleHeight = 6.0;  // pixels of a character's mark under which a thumbnail cannot be read

// One tile's window onto the marks: position = mark * scale - origin.
struct TileView {
  double scale_x, scale_y, origin_x, origin_y;
  int64_t side, patch;
  int8_t* labels;  // [side * side][kPatchQuestions]

  int8_t& at(int64_t row, int64_t column, PatchQuestion question) const {
    return labels[(row * side + column) * kPatchQuestions + static_cast<int64_t>(question)];
  }
};

void label_char(const TileView& view, const Mark& mark, int64_t index) {
  const double x = mark.cx * view.scale_x - view.origin_x;
  const double y = mark.cy * view.scale_y - view.origin_y;
  const double edge = static_cast<double>(view.side * view.patch);
  if (x < 0 || y < 0 || x >= edge || y >= edge) return;
  const double patch = static_cast<double>(view.patch);
  const auto column = static_cast<int64_t>(x / patch);
  const auto row = static_cast<int64_t>(y / patch);
  const bool left = x - static_cast<double>(column) * patch < patch / 2;
  const bool legible = mark.height * view.scale_y >= kLegibleHeight;
  view.at(row, column, left ? PatchQuestion::left_char : PatchQuestion::right_char) =
      legible ? static_cast<int8_t>(index) : kNoQuestion;
}

// A large digit (handwriting fills many patches) is also the value of every patch that it covers: its middle patch alone
// would carry too little of the lesson.
void label_large_digit(const TileView& view, const Mark& mark) {
  const double patch = static_cast<double>(view.patch);
  if (mark.height * view.scale_y < 1.5 * patch || mark.label.size() != 1 || mark.label[0] < '0' || mark.label[0] > '9') return;
  for (int64_t row = 0; row < view.side; ++row) {
    for (int64_t column = 0; column < view.side; ++column) {
      const double x = (static_cast<double>(column) + 0.5) * patch + view.origin_x;
      const double y = (static_cast<double>(row) + 0.5) * patch + view.origin_y;
      const bool inside = std::abs(x - mark.cx * view.scale_x) <= mark.width * view.scale_x / 2 &&
                          std::abs(y - mark.cy * view.scale_y) <= mark.height * view.scale_y / 2;
      if (inside) view.at(row, column, PatchQuestion::value) = static_cast<int8_t>(mark.label[0] - '0' + 1);
    }
  }
}

void label_center(const TileView& view, const Mark& mark) {
  const double patch = static_cast<double>(view.patch);
  const double column = std::floor((mark.cx * view.scale_x - view.origin_x) / patch);
  const double row = std::floor((mark.cy * view.scale_y - view.origin_y) / patch);
  const auto side = static_cast<double>(view.side);
  if (column < 0 || row < 0 || column >= side || row >= side) return;
  int8_t& count = view.at(static_cast<int64_t>(row), static_cast<int64_t>(column), PatchQuestion::centers);
  count = static_cast<int8_t>(std::min<int>(count + 1, kMaxCenters));
}

// Every patch whose middle lies in the mark's box; thin marks reach at least the patch of their centre.
void label_cover(const TileView& view, const Mark& mark, int64_t kind, int64_t color) {
  const double patch = static_cast<double>(view.patch);
  const auto range = [&](double center, double size, double scale, double origin) {
    const double middle = center * scale - origin;
    const double half = std::max(size * scale, patch) / 2;
    const auto first = static_cast<int64_t>(std::ceil((middle - half) / patch - 0.5));
    const auto last = static_cast<int64_t>(std::floor((middle + half) / patch - 0.5));
    return std::pair(std::max<int64_t>(first, 0), std::min<int64_t>(last, view.side - 1));
  };
  const auto [left, right] = range(mark.cx, mark.width, view.scale_x, view.origin_x);
  const auto [top, bottom] = range(mark.cy, mark.height, view.scale_y, view.origin_y);
  for (int64_t row = top; row <= bottom; ++row) {
    for (int64_t column = left; column <= right; ++column) {
      view.at(row, column, PatchQuestion::kind) = static_cast<int8_t>(kind);
      view.at(row, column, PatchQuestion::color) = static_cast<int8_t>(color);
      view.at(row, column, PatchQuestion::value) =
          static_cast<int8_t>(mark.value >= 0 && mark.value <= kMaxValue ? mark.value + 1 : 0);
    }
  }
}

}  // namespace

int64_t ClassTable::index(const std::string& name) {
  if (name.empty()) return 0;
  const auto known = indices_.find(name);
  if (known != indices_.end()) return known->second;
  const auto next = static_cast<int64_t>(indices_.size()) + 1;
  if (next >= capacity_) return 0;
  return indices_[name] = next;
}

std::vector<std::string> ClassTable::names() const {
  std::vector<std::string> list(indices_.size());
  for (const auto& [name, index] : indices_) list[static_cast<size_t>(index - 1)] = name;
  return list;
}

int64_t PatchClasses::width(PatchQuestion question) const {
  switch (question) {
    case PatchQuestion::left_char:
    case PatchQuestion::right_char:
      return chars.capacity();
    case PatchQuestion::kind:
      return kinds.capacity();
    case PatchQuestion::color:
      return colors.capacity();
    case PatchQuestion::value:
      return kMaxValue + 2;
    case PatchQuestion::centers:
      return kMaxCenters + 1;
    case PatchQuestion::count_of_questions:
      break;
  }
  R1V_CHECK(false, "unknown patch question");
  return 0;
}

int64_t PatchClasses::total_width() const {
  int64_t sum = 0;
  for (int64_t i = 0; i < kPatchQuestions; ++i) sum += width(static_cast<PatchQuestion>(i));
  return sum;
}

std::vector<int8_t> patch_labels(const std::vector<Mark>& marks, int64_t width, int64_t height,
                                 const TileLimits& limits, int64_t patch, PatchClasses& classes) {
  const TileGrid grid = choose_grid(width, height, limits);
  const int64_t tiles = grid.tiles(limits), side = limits.edge / patch;
  const int64_t tile_labels = side * side * kPatchQuestions;
  std::vector<int8_t> labels(static_cast<size_t>(tiles * tile_labels), 0);

  std::vector<const Mark*> shapes;
  for (const Mark& mark : marks) {
    if (mark.kind != "char") shapes.push_back(&mark);
  }
  std::ranges::stable_sort(shapes, std::greater{}, [](const Mark* mark) { return mark->width * mark->height; });

  const auto edge = static_cast<double>(limits.edge);
  for (int64_t tile = 0; tile < tiles; ++tile) {
    const bool thumbnail = tile == grid.columns * grid.rows;
    const double columns = thumbnail ? 1.0 : static_cast<double>(grid.columns);
    const double rows = thumbnail ? 1.0 : static_cast<double>(grid.rows);
    const TileView view{.scale_x = edge * columns / static_cast<double>(width),
                        .scale_y = edge * rows / static_cast<double>(height),
                        .origin_x = thumbnail ? 0.0 : edge * static_cast<double>(tile % grid.columns),
                        .origin_y = thumbnail ? 0.0 : edge * static_cast<double>(tile / grid.columns),
                        .side = side,
                        .patch = patch,
                        .labels = labels.data() + tile * tile_labels};
    for (const Mark* mark : shapes) {
      label_cover(view, *mark, classes.kinds.index(mark->kind), classes.colors.index(mark->color));
      label_center(view, *mark);
    }
    for (const Mark& mark : marks) {
      if (mark.kind != "char") continue;
      label_char(view, mark, classes.chars.index(mark.label));
      label_large_digit(view, mark);
    }
  }
  return labels;
}

}  // namespace r1v

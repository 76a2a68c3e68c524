// What each patch of a tile looks at, told from the marks of a gym scene: the labels of the tower's first training.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "gym/task.h"
#include "media/pixels.h"

namespace r1v {

/// Names to class indices from 1 on, 0 = nothing there; grows while data is scanned, then fixed and saved with the run.
class ClassTable {
 public:
  explicit ClassTable(int64_t capacity) : capacity_(capacity) {}
  /// The index of the name; a new one while room is left, afterwards 0.
  int64_t index(const std::string& name);
  int64_t capacity() const { return capacity_; }
  std::vector<std::string> names() const;

 private:
  int64_t capacity_;
  std::map<std::string, int64_t> indices_;
};

/// The questions asked of every patch; each has its own classes, 0 = nothing. A patch is cut in two halves for
/// characters, since two narrow ones can have their centres in one patch.
enum class PatchQuestion { left_char, right_char, kind, color, value, centers, count_of_questions };
inline constexpr int64_t kPatchQuestions = static_cast<int64_t>(PatchQuestion::count_of_questions);

struct PatchClasses {
  ClassTable chars{128};
  ClassTable kinds{64};
  ClassTable colors{16};
  /// Classes of one question, class 0 included: the width of its head.
  int64_t width(PatchQuestion question) const;
  int64_t total_width() const;
};

/// Label that no question is asked for: text too small to be read in a thumbnail.
inline constexpr int8_t kNoQuestion = -1;

/// Labels of all tiles of one picture, [tiles][patch row * side + column][question], side = edge / patch.
/// The marks are moved with the picture: stretched to the grid, cut, and shrunk once more for the thumbnail.
std::vector<int8_t> patch_labels(const std::vector<Mark>& marks, int64_t width, int64_t height,
                                 const TileLimits& limits, int64_t patch, PatchClasses& classes);

}  // namespace r1v

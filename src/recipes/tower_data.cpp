// Lines of a gym file, indexed once and parsed when needed.
#include "recipes/tower_data.h"

#include "base/error.h"
#include "base/json.h"
#include "io/picture.h"

namespace r1v {
namespace {

// [kind, label, color, cx, cy, width, height, value]
Mark parse_mark(const Json& mark, const std::string& where) {
  if (!mark.is_array() || mark.size() != 8 || !mark[0].is_string() || !mark[1].is_string() || !mark[2].is_string() ||
      !mark[7].is_number_integer()) {
    throw InputError(cat(where, ": \"marks\" holds ", printable(dump_json(mark)),
                         ", expected [kind, label, color, cx, cy, width, height, value]"));
  }
  for (size_t i = 3; i < 7; ++i) {
    if (!mark[i].is_number())
      throw InputError(cat(where, ": a mark's place is ", mark[i].type_name(), ", expected a number"));
  }
  return {.kind = mark[0].get<std::string>(),
          .label = mark[1].get<std::string>(),
          .color = mark[2].get<std::string>(),
          .cx = mark[3].get<double>(),
          .cy = mark[4].get<double>(),
          .width = mark[5].get<double>(),
          .height = mark[6].get<double>(),
          .value = mark[7].get<int>()};
}

const Json& list_at(const Json& line, const char* key, const std::string& where) {
  const Json& list = json_at(line, key, where);
  if (!list.is_array()) throw InputError(cat(where, ": \"", key, "\" is ", list.type_name(), ", expected a list"));
  return list;
}

}  // namespace

TowerData::TowerData(const std::vector<std::filesystem::path>& files, const TileLimits& limits, int64_t patch)
    : lines_(files), limits_(limits), patch_(patch) {
  for (int64_t i = 0; i < lines_.size(); ++i) {
    const std::string where = lines_.where(i);
    const Json line = parse_json(lines_.text(i), where);
    const size_t pictures = line.contains("images") ? list_at(line, "images", where).size() : 0;
    if (pictures > 0 && list_at(line, "marks", where).size() != pictures) {
      throw InputError(cat(where, ": ", pictures, " images but ", line.at("marks").size(),
                           " lists of marks; make the data with `r1v gym make --with-scene`"));
    }
    const auto count = static_cast<int64_t>(pictures);
    for (int64_t k = 0; k < count; ++k) items_.push_back({.line = i, .picture = k, .pictures = count});
  }
  if (items_.empty()) throw InputError(cat(files[0].string(), ": no pictures with marks"));
}

PictureLabels TowerData::labels(size_t index, PatchClasses& classes) const {
  const Item& item = items_.at(index);
  const std::string where = lines_.where(item.line);
  const Json line = parse_json(lines_.text(item.line), where);
  const auto which = static_cast<size_t>(item.picture);
  const Json& path = list_at(line, "images", where).at(which);
  if (!path.is_string()) throw InputError(cat(where, ": an image is ", path.type_name(), ", expected a path"));
  PictureLabels result{.path = path.get<std::string>(), .picture = {}, .labels = {}};
  result.picture = read_picture(resolve_below(lines_.file(item.line).parent_path(), result.path));
  std::vector<Mark> marks;
  for (const Json& mark : list_at(line, "marks", where).at(which)) marks.push_back(parse_mark(mark, where));
  result.labels = patch_labels(marks, result.picture.width, result.picture.height, limits_, patch_, classes);
  return result;
}

TowerBatch TowerData::load(const std::vector<size_t>& indices, PatchClasses& classes) const {
  std::vector<at::Tensor> pixels;
  std::vector<int8_t> labels;
  for (const size_t index : indices) {
    const PictureLabels one = this->labels(index, classes);
    pixels.push_back(picture_pixels_NCHW(one.picture, limits_));
    labels.insert(labels.end(), one.labels.begin(), one.labels.end());
  }
  const int64_t rows = static_cast<int64_t>(labels.size()) / kPatchQuestions;
  return {.pixels_NCHW = at::cat(pixels),
          .labels_RQ = at::from_blob(labels.data(), {rows, kPatchQuestions}, at::kChar).clone()};
}

}  // namespace r1v

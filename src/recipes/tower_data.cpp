// Lines of a gym file, indexed once and parsed when needed.
#include "recipes/tower_data.h"

#include <cstring>

#include "base/error.h"
#include "base/json.h"
#include "io/picture.h"

namespace r1v {
namespace {

// [kind, label, color, cx, cy, width, height, value]
PatchMark parse_mark(const Json& mark, const std::string& where) {
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
    : limits_(limits), patch_(patch) {
  for (const auto& file : files) {
    files_.push_back(std::make_unique<MappedFile>(file));
    index_file(files_.size() - 1);
  }
  if (items_.empty())
    throw InputError(cat(files.empty() ? "no data file" : files[0].string(), ": no pictures with marks"));
}

void TowerData::index_file(size_t file) {
  const auto bytes = files_[file]->bytes();
  const char* data = reinterpret_cast<const char*>(bytes.data());
  int64_t line_number = 0;
  for (size_t begin = 0; begin < bytes.size();) {
    const void* newline = std::memchr(data + begin, '\n', bytes.size() - begin);
    const size_t end =
        newline == nullptr ? bytes.size() : static_cast<size_t>(static_cast<const char*>(newline) - data);
    Item item{.file = file, .begin = begin, .length = end - begin, .line = ++line_number};
    begin = end + 1;
    if (item.length == 0) continue;
    const Json line = parse_json(text(item), where(item));
    const size_t pictures = line.contains("images") ? list_at(line, "images", where(item)).size() : 0;
    if (pictures > 0 && list_at(line, "marks", where(item)).size() != pictures) {
      throw InputError(cat(where(item), ": ", pictures, " images but ", line.at("marks").size(),
                           " lists of marks; make the data with `r1v gym make --with-scene`"));
    }
    for (item.picture = 0; item.picture < pictures; ++item.picture) items_.push_back(item);
  }
}

std::string TowerData::where(const Item& item) const { return cat(files_[item.file]->path().string(), ":", item.line); }

std::string_view TowerData::text(const Item& item) const {
  return {reinterpret_cast<const char*>(files_[item.file]->bytes().data()) + item.begin, item.length};
}

TowerBatch TowerData::load(const std::vector<size_t>& indices, PatchClasses& classes) const {
  std::vector<at::Tensor> pixels;
  std::vector<int8_t> labels;
  for (const size_t index : indices) {
    const Item& item = items_.at(index);
    const Json line = parse_json(text(item), where(item));
    const Json& path = list_at(line, "images", where(item)).at(item.picture);
    if (!path.is_string()) throw InputError(cat(where(item), ": an image is ", path.type_name(), ", expected a path"));
    const Picture picture =
        read_picture(resolve_below(files_[item.file]->path().parent_path(), path.get<std::string>()));
    std::vector<PatchMark> marks;
    const Json& list = list_at(line, "marks", where(item)).at(item.picture);
    for (const Json& mark : list) marks.push_back(parse_mark(mark, where(item)));
    pixels.push_back(picture_pixels_NCHW(picture, limits_));
    const auto more = patch_labels(marks, picture.width, picture.height, limits_, patch_, classes);
    labels.insert(labels.end(), more.begin(), more.end());
  }
  const int64_t rows = static_cast<int64_t>(labels.size()) / kPatchQuestions;
  return {.pixels_NCHW = at::cat(pixels),
          .labels_RQ = at::from_blob(labels.data(), {rows, kPatchQuestions}, at::kChar).clone()};
}

}  // namespace r1v

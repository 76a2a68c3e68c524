// Patch labels -> text. The order of places is pixel shuffle's: tiles, then rows, then columns.
#include "recipes/scan.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "gym/words.h"
#include "media/model_tiling.h"
#include "models/registry.h"
#include "recipes/tower_data.h"

namespace r1v {
namespace {

// Letters that the tokenizer would write with two tokens behind a space get a sign instead.
std::string spelled(const std::string& character) {
  constexpr std::array<std::pair<char, char>, 6> kSigns = {
      {{'j', '^'}, {'k', '~'}, {'q', '&'}, {'u', '#'}, {'z', '$'}, {'E', '@'}}};
  if (character.size() != 1) return character;
  for (const auto& [letter, sign] : kSigns) {
    if (character[0] == letter) return std::string(1, sign);
  }
  const bool letter = (character[0] >= 'a' && character[0] <= 'z') || (character[0] >= 'A' && character[0] <= 'Z');
  return letter ? " " + character : character;
}

}  // namespace

std::string scan_text(const std::vector<int8_t>& labels, int64_t side, int64_t factor,
                      const std::vector<std::string>& chars, const std::vector<std::string>& colors) {
  const int64_t tiles = static_cast<int64_t>(labels.size()) / (side * side * kPatchQuestions);
  const auto at = [&](int64_t tile, int64_t row, int64_t column, PatchQuestion question) {
    return labels[static_cast<size_t>(((tile * side + row) * side + column) * kPatchQuestions +
                                      static_cast<int64_t>(question))];
  };
  std::array<std::string, 3> passes;
  bool colored = false;
  for (int64_t place = 0, side_of_places = side / factor; place < tiles * side_of_places * side_of_places; ++place) {
    const int64_t tile = place / (side_of_places * side_of_places), row = place / side_of_places % side_of_places;
    std::vector<std::string> seen;
    std::string color;
    for (int64_t patch = 0; patch < factor * factor; ++patch) {
      const int64_t y = row * factor + patch / factor, x = place % side_of_places * factor + patch % factor;
      for (const auto half : {PatchQuestion::left_char, PatchQuestion::right_char}) {
        if (const int8_t name = at(tile, y, x, half); name > 0) seen.push_back(chars[static_cast<size_t>(name - 1)]);
      }
      const int8_t name = at(tile, y, x, PatchQuestion::color);
      if (at(tile, y, x, PatchQuestion::centers) > 0 && name > 0 && color.empty()) {
        color = colors[static_cast<size_t>(name - 1)];
      }
    }
    passes[0] += seen.empty() ? "." : spelled(seen[0]);
    passes[1] += seen.size() < 2 ? "." : spelled(seen[1]);
    const bool nameable = std::ranges::find(kColors, color) != kColors.end();
    passes[2] += nameable ? " " + color : ".";
    colored = colored || nameable;
  }
  return passes[0] + "\n" + passes[1] + (colored ? "\n" + passes[2] : "");
}

std::filesystem::path write_scans(const ScanOptions& options) {
  if (options.data.empty()) throw InputError("gym scan: --data is missing: a file of `r1v gym make --with-scene`");
  const std::filesystem::path folder = options.data.parent_path();
  const std::filesystem::path out = options.out.empty() ? folder / "scan.jsonl" : options.out;
  if (out.parent_path() != folder) {
    throw InputError(cat(out.string(), ": the lessons name pictures below ", options.data.string(),
                         "; write them to the same folder"));
  }
  if (std::filesystem::exists(out)) throw InputError(cat(out.string(), ": is there already; name another --out"));
  const ModelConfig config = read_model_config(options.model);
  if (!config.vision) throw InputError(cat(options.model.string(), ": this model has no vision tower"));
  const TileLimits limits = read_model_tiling(options.model).limits;
  const auto factor = static_cast<int64_t>(1.0 / config.downsample_ratio + 0.5);
  const TowerData data({options.data}, limits, config.vision->patch_size);
  const int64_t side = limits.edge / config.vision->patch_size;

  PatchClasses classes;
  std::string text;
  for (size_t i = 0; i < data.size(); ++i) {
    if (data.pictures_of_line(i) != 1) continue;
    const PictureLabels picture = data.labels(i, classes);
    const std::string scan = scan_text(picture.labels, side, factor, classes.chars.names(), classes.colors.names());
    const Json line = {{"messages",
                        {{{"role", "user"}, {"content", "<image>\nScan."}},
                         {{"role", "assistant"}, {"content", cat("<think>\n", scan, "\n</think>\n\n\\boxed{0}")}}}},
                       {"images", {picture.path}},
                       {"family", "scan"}};
    text += dump_json(line) + "\n";
  }
  write_file_atomic(out, text);
  return out;
}

}  // namespace r1v

// Lines to samples: parse, render, check, count.
#include "data/read_sft.h"

#include <algorithm>

#include "base/error.h"
#include "prompt/supervised.h"

namespace r1v {
namespace {

std::vector<int64_t> integers(const Json& line, const std::string& key, const std::string& where) {
  const Json& list = json_at(line, key, where);
  if (!list.is_array()) throw InputError(cat(where, ": \"", key, "\" is ", list.type_name(), ", expected a list"));
  std::vector<int64_t> values;
  values.reserve(list.size());
  for (const Json& value : list) {
    if (!value.is_number_integer()) {
      throw InputError(cat(where, ": \"", key, "\" holds ", value.type_name(), ", expected whole numbers"));
    }
    values.push_back(value.get<int64_t>());
  }
  return values;
}

void expect_ids(const std::vector<int64_t>& ids, int64_t vocab_size, const char* key, const std::string& where) {
  for (const int64_t id : ids) {
    if (id >= 0 && id < vocab_size) continue;
    if (id == kIgnoredLabel && std::string_view(key) == "labels") continue;
    throw InputError(cat(where, ": \"", key, "\" holds ", id, ", expected ids from 0 to ", vocab_size - 1));
  }
}

}  // namespace

std::optional<Sample> SftData::read(const Json& line, const PictureAccess& access, const std::string& where) const {
  Sample sample;
  if (line.is_object() && line.contains("input_ids")) {
    sample = read_pretokenised(line, access, where);
  } else {
    SupervisedPrompt prompt = supervise(renderer(), parse_conversation(sft_request(line, where), access, where));
    sample = {.input_ids = std::move(prompt.input_ids),
              .labels = std::move(prompt.labels),
              .pixels = std::move(prompt.pixels),
              .grids = grids_of(prompt.images)};
  }
  const auto scored =
      std::ranges::count_if(std::span(sample.labels).subspan(1), [](int64_t label) { return label != kIgnoredLabel; });
  if (scored == 0) throw InputError(cat(where, ": no token is scored; an answer is missing or empty"));
  return sample;
}

Sample SftData::read_pretokenised(const Json& line, const PictureAccess& access, const std::string& where) const {
  Sample sample{.input_ids = integers(line, "input_ids", where), .labels = integers(line, "labels", where)};
  if (sample.input_ids.empty() || sample.labels.size() != sample.input_ids.size()) {
    throw InputError(cat(where, ": ", sample.input_ids.size(), " \"input_ids\" and ", sample.labels.size(),
                         " \"labels\", expected the same number and at least one"));
  }
  expect_ids(sample.input_ids, options().vocab_size, "input_ids", where);
  expect_ids(sample.labels, options().vocab_size, "labels", where);
  std::vector<at::Tensor> pixels;
  int64_t rows = 0;
  for (const Json& path : line.contains("images") ? line["images"] : Json::array()) {
    if (!path.is_string()) throw InputError(cat(where, ": \"images\" holds ", path.type_name(), ", expected paths"));
    const auto file = resolve_below(access.root, path.get<std::string>());
    const Picture picture = read_picture(file, access.limits);
    const PromptImage image = renderer().measure_picture(picture.width, picture.height);
    pixels.push_back(renderer().picture_pixels(picture));
    sample.grids.push_back(image.grid);
    rows += image.tokens;
  }
  if (!pixels.empty()) sample.pixels = at::cat(pixels);
  const int64_t slots =
      renderer().image_token_id() < 0 ? 0 : std::ranges::count(sample.input_ids, renderer().image_token_id());
  if (rows != slots) {
    throw InputError(cat(where, ": \"input_ids\" hold ", slots, " image tokens but the pictures become ", rows,
                         "; write them with this model's tile limits"));
  }
  return sample;
}

}  // namespace r1v

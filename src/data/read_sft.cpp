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

SftData::SftData(const Renderer& renderer, SftDataOptions options)
    : renderer_(renderer), options_(std::move(options)), lines_(options_.files) {
  if (lines_.size() == 0) {
    throw InputError(cat(options_.files.front().string(), ": no samples; expected JSON lines, see docs/formats.md"));
  }
  lengths_ = std::make_unique<std::atomic<int32_t>[]>(static_cast<size_t>(lines_.size()));
  for (int64_t i = 0; i < lines_.size(); ++i) lengths_[static_cast<size_t>(i)] = -1;
}

Sample SftData::read(int64_t index) const {
  const std::string where = lines_.where(index);
  const Json line = parse_json(lines_.text(index), where);
  const std::filesystem::path folder = lines_.file(index).parent_path();
  const PictureAccess access{
      .root = options_.images_root.value_or(folder.empty() ? std::filesystem::path(".") : folder).string(),
      .restrict_to_root = true};
  if (line.is_object() && line.contains("input_ids")) return read_pretokenised(line, access, where);
  SupervisedPrompt prompt = supervise(renderer_, parse_conversation(sft_request(line, where), access, where));
  return {.input_ids = std::move(prompt.input_ids),
          .labels = std::move(prompt.labels),
          .pixels = std::move(prompt.pixels),
          .grids = grids_of(prompt.images)};
}

Sample SftData::read_pretokenised(const Json& line, const PictureAccess& access, const std::string& where) const {
  Sample sample{.input_ids = integers(line, "input_ids", where), .labels = integers(line, "labels", where)};
  if (sample.input_ids.empty() || sample.labels.size() != sample.input_ids.size()) {
    throw InputError(cat(where, ": ", sample.input_ids.size(), " \"input_ids\" and ", sample.labels.size(),
                         " \"labels\", expected the same number and at least one"));
  }
  expect_ids(sample.input_ids, options_.vocab_size, "input_ids", where);
  expect_ids(sample.labels, options_.vocab_size, "labels", where);
  std::vector<at::Tensor> pixels;
  int64_t rows = 0;
  for (const Json& path : line.contains("images") ? line["images"] : Json::array()) {
    if (!path.is_string()) throw InputError(cat(where, ": \"images\" holds ", path.type_name(), ", expected paths"));
    const auto file = resolve_below(access.root, path.get<std::string>());
    const Picture picture = read_picture(file, access.limits);
    const PromptImage image = renderer_.measure_picture(picture.width, picture.height);
    pixels.push_back(renderer_.picture_pixels(picture));
    sample.grids.push_back(image.grid);
    rows += image.tokens;
  }
  if (!pixels.empty()) sample.pixels = at::cat(pixels);
  const int64_t slots =
      renderer_.image_token_id() < 0 ? 0 : std::ranges::count(sample.input_ids, renderer_.image_token_id());
  if (rows != slots) {
    throw InputError(cat(where, ": \"input_ids\" hold ", slots, " image tokens but the pictures become ", rows,
                         "; write them with this model's tile limits"));
  }
  return sample;
}

std::optional<Sample> SftData::leave_out(int64_t index, std::atomic<int64_t>& counter) const {
  if (lengths_[static_cast<size_t>(index)].exchange(0) != 0) ++counter;
  return std::nullopt;
}

std::optional<Sample> SftData::sample(int64_t index) const {
  if (lengths_[static_cast<size_t>(index)] == 0) return std::nullopt;
  Sample sample;
  try {
    sample = read(index);
    const auto scored = std::ranges::count_if(std::span(sample.labels).subspan(1),
                                              [](int64_t label) { return label != kIgnoredLabel; });
    if (scored == 0) throw InputError(cat(lines_.where(index), ": no token is scored; an answer is missing or empty"));
  } catch (const InputError& error) {
    if (options_.bad_lines == BadLines::skip) return leave_out(index, num_bad_);
    const std::string where = lines_.where(index);
    const std::string message = error.what();
    throw InputError(message.starts_with(where) ? message : cat(where, ": ", message));
  }
  const auto length = static_cast<int64_t>(sample.input_ids.size());
  if (options_.max_length > 0 && length > options_.max_length) return leave_out(index, num_too_long_);
  lengths_[static_cast<size_t>(index)] = static_cast<int32_t>(length);
  return sample;
}

int64_t SftData::length(int64_t index) const {
  if (lengths_[static_cast<size_t>(index)] < 0) sample(index);
  return lengths_[static_cast<size_t>(index)];
}

}  // namespace r1v

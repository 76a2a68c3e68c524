// Parse, read, count.
#include "data/line_data.h"

#include "base/error.h"
#include "base/rng.h"

namespace r1v {

LineData::LineData(const Renderer& renderer, LineDataOptions options)
    : renderer_(renderer), options_(std::move(options)), lines_(options_.files) {
  if (lines_.size() == 0) {
    throw InputError(cat(options_.files.front().string(), ": no samples; expected JSON lines, see docs/formats.md"));
  }
  lengths_ = std::make_unique<std::atomic<int32_t>[]>(static_cast<size_t>(lines_.size()));
  for (int64_t i = 0; i < lines_.size(); ++i) lengths_[static_cast<size_t>(i)] = -1;
}

std::optional<Sample> LineData::read(int64_t index) const {
  const std::string where = lines_.where(index);
  const Json line = parse_json(lines_.text(index), where);
  const std::filesystem::path folder = lines_.file(index).parent_path();
  const PictureAccess access{
      .root = options_.images_root.value_or(folder.empty() ? std::filesystem::path(".") : folder).string(),
      .restrict_to_root = true};
  return read(line, access, where);
}

std::optional<Sample> LineData::leave_out(int64_t index, std::atomic<int64_t>& counter) const {
  if (lengths_[static_cast<size_t>(index)].exchange(0) != 0) ++counter;
  return std::nullopt;
}

std::optional<Sample> LineData::sample(int64_t index) const {
  if (lengths_[static_cast<size_t>(index)] == 0) return std::nullopt;
  std::optional<Sample> sample;
  try {
    sample = read(index);
  } catch (const InputError& error) {
    if (options_.bad_lines == BadLines::skip) return leave_out(index, num_bad_);
    const std::string where = lines_.where(index);
    const std::string message = error.what();
    throw InputError(message.starts_with(where) ? message : cat(where, ": ", message));
  }
  if (!sample) return leave_out(index, num_ties_);
  const int64_t length = counted_length(*sample);
  if (options_.max_length > 0 && length > options_.max_length) return leave_out(index, num_too_long_);
  lengths_[static_cast<size_t>(index)] = static_cast<int32_t>(sample->input_ids.size());
  if (sample->pair) sample->pair->line = index;
  return sample;
}

uint64_t LineData::fingerprint() const {
  uint64_t hash = mix_seed(static_cast<uint64_t>(options_.max_length), static_cast<uint64_t>(lines_.size()));
  for (int64_t i = 0; i < lines_.size(); ++i) hash = mix_seed(hash, lines_.text(i));
  return hash;
}

int64_t LineData::length(int64_t index) const {
  if (lengths_[static_cast<size_t>(index)] < 0) sample(index);
  return lengths_[static_cast<size_t>(index)];
}

}  // namespace r1v

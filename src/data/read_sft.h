// Supervised data: JSON lines in four layouts, read line by line as they are wanted.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "base/json.h"
#include "data/lines.h"
#include "data/sample.h"
#include "prompt/render.h"

namespace r1v {

enum class BadLines { stop, skip };

struct SftDataOptions {
  std::vector<std::filesystem::path> files;
  std::optional<std::filesystem::path> images_root;  // otherwise each file's own folder
  int64_t max_length = 0;                            // tokens; longer samples are left out; 0 = no limit
  int64_t vocab_size = 0;                            // ids of pretokenised lines must lie below
  BadLines bad_lines = BadLines::stop;
};

/// Turns the layouts of other tools into a render request ({"messages": ...} whose first user turn, or the turns that
/// say <image>, hold the pictures): {"messages", "images"?}, ShareGPT {"conversations": [{"from", "value"}],
/// "system"?, "images"?} and LLaVA {"conversations", "image"}.
/// throws InputError naming `where` and the key.
Json sft_request(const Json& line, const std::string& where);

/// Samples by number. sample() may be called from many threads.
class SftData final {
 public:
  /// Finds the lines; parses none.
  SftData(const Renderer& renderer, SftDataOptions options);

  int64_t size() const { return lines_.size(); }
  /// none: the sample is longer than max_length, or bad under BadLines::skip; both are counted once a line.
  /// throws InputError naming file, line and key under BadLines::stop.
  std::optional<Sample> sample(int64_t index) const;
  /// Tokens of a sample that has been read, 0 when it was left out; reads it when it has not been.
  int64_t length(int64_t index) const;

  int64_t num_bad() const { return num_bad_; }
  int64_t num_too_long() const { return num_too_long_; }

 private:
  Sample read(int64_t index) const;
  Sample read_pretokenised(const Json& line, const PictureAccess& access, const std::string& where) const;
  std::optional<Sample> leave_out(int64_t index, std::atomic<int64_t>& counter) const;

  const Renderer& renderer_;
  SftDataOptions options_;
  LineIndex lines_;
  mutable std::unique_ptr<std::atomic<int32_t>[]> lengths_;  // -1 unread
  mutable std::atomic<int64_t> num_bad_ = 0;
  mutable std::atomic<int64_t> num_too_long_ = 0;
};

}  // namespace r1v

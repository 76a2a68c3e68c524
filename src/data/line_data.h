// Lines of files that become samples when they are wanted: read, checked, and left out or refused when they do not fit.
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

struct LineDataOptions {
  std::vector<std::filesystem::path> files;
  std::optional<std::filesystem::path> images_root;  // otherwise each file's own folder
  int64_t max_length = 0;                            // tokens; longer samples are left out; 0 = no limit
  int64_t vocab_size = 0;                            // ids of pretokenised lines must lie below
  BadLines bad_lines = BadLines::stop;
};

/// Samples by number. sample() may be called from many threads.
class LineData {
 public:
  /// Finds the lines; parses none.
  LineData(const Renderer& renderer, LineDataOptions options);
  LineData(const LineData&) = delete;
  LineData& operator=(const LineData&) = delete;
  virtual ~LineData() = default;

  int64_t size() const { return lines_.size(); }
  /// none: the sample is longer than max_length, a tie, or bad under BadLines::skip; all are counted once a line.
  /// throws InputError naming file, line and key under BadLines::stop.
  std::optional<Sample> sample(int64_t index) const;
  /// Tokens of a sample that has been read, 0 when it was left out; reads it when it has not been.
  int64_t length(int64_t index) const;

  /// A number that other lines, another order of lines or another max_length change; what is on pictures does not.
  uint64_t fingerprint() const;
  /// Of the lines alone, and at no cost.
  std::string digest() const { return lines_.digest(); }

  int64_t num_bad() const { return num_bad_; }
  int64_t num_too_long() const { return num_too_long_; }
  int64_t num_ties() const { return num_ties_; }

 protected:
  /// One line to a sample; none when it is a tie, which teaches nothing. throws InputError.
  virtual std::optional<Sample> read(const Json& line, const PictureAccess& access, const std::string& where) const = 0;
  /// What max_length limits.
  virtual int64_t counted_length(const Sample& sample) const { return static_cast<int64_t>(sample.input_ids.size()); }

  const Renderer& renderer() const { return renderer_; }
  const LineDataOptions& options() const { return options_; }

 private:
  std::optional<Sample> read(int64_t index) const;
  std::optional<Sample> leave_out(int64_t index, std::atomic<int64_t>& counter) const;

  const Renderer& renderer_;
  LineDataOptions options_;
  LineIndex lines_;
  mutable std::unique_ptr<std::atomic<int32_t>[]> lengths_;  // -1 unread
  mutable std::atomic<int64_t> num_bad_ = 0;
  mutable std::atomic<int64_t> num_too_long_ = 0;
  mutable std::atomic<int64_t> num_ties_ = 0;
};

}  // namespace r1v

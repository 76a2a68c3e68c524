// Pictures of samples as data URLs, a bounded number of bounded size, each once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace r1v {

struct EmbedLimits {
  int64_t number = 64;                  // of the whole page
  size_t bytes_each = size_t{1} << 19;  // of the file
};

/// "image/png" and the like by the first bytes: PNG, JPEG, GIF, WebP; empty for everything else.
std::string_view picture_type(std::string_view bytes);

class PictureShelf final {
 public:
  explicit PictureShelf(EmbedLimits limits) : limits_(limits) {}

  struct Place {
    int64_t index = -1;   // in urls(); -1: not embedded
    std::string problem;  // why not
  };

  /// `path` as written in a sample; relative ones start at `root`, and nothing outside of it is opened.
  Place add(const std::filesystem::path& root, const std::string& path);
  const std::vector<std::string>& urls() const { return urls_; }

 private:
  Place embed(const std::filesystem::path& file, const std::string& path);

  EmbedLimits limits_;
  std::map<std::filesystem::path, Place> places_;
  std::vector<std::string> urls_;
};

}  // namespace r1v

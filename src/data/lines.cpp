// memchr over mapped files.
#include "data/lines.h"

#include <cstring>

#include "base/error.h"

namespace r1v {
namespace {

std::string_view view_of(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

}  // namespace

LineIndex::LineIndex(const std::vector<std::filesystem::path>& files) {
  if (files.empty()) throw InputError("--data: no file given; expected at least one file of JSON lines");
  for (const auto& path : files) {
    files_.push_back(std::make_unique<MappedFile>(path));
    const std::string_view text = view_of(*files_.back());
    Line line{.file = static_cast<uint32_t>(files_.size() - 1)};
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = std::min(text.find('\n', begin), text.size());
      ++line.number;
      line.begin = begin;
      const std::string_view whole = text.substr(begin, end - begin);
      begin = end + 1;
      if (whole.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      lines_.push_back(line);
      digest_ = digest_bytes(digest_, whole);
    }
  }
}

std::string_view LineIndex::text(int64_t index) const {
  const std::string_view all = view_of(*files_[line(index).file]);
  const size_t begin = line(index).begin;
  return all.substr(begin, std::min(all.find('\n', begin), all.size()) - begin);
}

const std::filesystem::path& LineIndex::file(int64_t index) const { return files_[line(index).file]->path(); }

std::string LineIndex::where(int64_t index) const { return cat(file(index).string(), " line ", line(index).number); }

}  // namespace r1v

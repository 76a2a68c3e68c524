// Appending whole lines; a torn one at the end is cut off.
#include "recipes/growing_lines.h"

#include "base/error.h"
#include "base/file.h"

namespace r1v {

GrowingLines::GrowingLines(std::filesystem::path path) : path_(std::move(path)) {
  if (std::filesystem::exists(path_)) {
    const std::string text = read_file(path_);
    const size_t whole = text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1;
    for (size_t begin = 0; begin < whole;) {
      const size_t end = text.find('\n', begin);
      const std::string place = cat(path_.string(), " at byte ", begin);
      Json line = parse_json(std::string_view(text).substr(begin, end - begin), place);
      const int64_t index = json_int(line, "index", place);
      lines_[index] = std::move(line);
      begin = end + 1;
    }
    if (whole < text.size()) std::filesystem::resize_file(path_, whole);
  } else if (path_.has_parent_path()) {
    std::filesystem::create_directories(path_.parent_path());
  }
  out_.open(path_, std::ios::binary | std::ios::app);
  if (!out_) throw InputError(cat(path_.string(), ": cannot write; is its folder writable?"));
}

std::string GrowingLines::where(int64_t index) const { return cat(path_.string(), " index ", index); }

void GrowingLines::add(int64_t index, const Json& line) {
  Json numbered = {{"index", index}};
  numbered.update(line);
  out_ << dump_json(numbered) + "\n" << std::flush;
  if (!out_) throw InputError(cat(path_.string(), ": cannot write; is the disk full?"));
  lines_[index] = std::move(numbered);
}

}  // namespace r1v

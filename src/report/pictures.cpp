// Reads, looks at the first bytes, encodes; a sentence instead of a picture where that fails.
#include "report/pictures.h"

#include "base/base64.h"
#include "base/error.h"
#include "base/file.h"

namespace r1v {

namespace fs = std::filesystem;

std::string_view picture_type(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return "image/png";
  if (bytes.starts_with("\xff\xd8\xff")) return "image/jpeg";
  if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) return "image/gif";
  if (bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WEBP")) return "image/webp";
  return "";
}

PictureShelf::Place PictureShelf::add(const fs::path& root, const std::string& path) {
  fs::path file;
  try {
    file = resolve_below(root, path);
  } catch (const InputError&) {
    return {-1, cat(printable(path, 200), " is not below ", printable(root.string(), 200),
                    "; --images-root names where pictures are")};
  }
  const auto known = places_.find(file);
  if (known != places_.end()) return known->second;
  Place place;
  try {
    place = embed(file, path);
  } catch (const InputError& error) {
    place = {-1, printable(error.what(), 300)};
  }
  places_.emplace(file, place);
  return place;
}

PictureShelf::Place PictureShelf::embed(const fs::path& file, const std::string& path) {
  const std::string name = printable(path, 200);
  if (static_cast<int64_t>(urls_.size()) >= limits_.number) {
    return {-1, cat(name, " is left out: more than --pictures ", limits_.number)};
  }
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error) return {-1, cat(name, " cannot be read: ", error.message())};
  if (size > limits_.bytes_each) {
    return {-1, cat(name, " is left out: ", size / 1024, " KB, more than ", limits_.bytes_each / 1024)};
  }
  const std::string bytes = read_file(file);
  const std::string_view type = picture_type(bytes);
  if (type.empty()) return {-1, name + " is neither PNG, JPEG, GIF nor WebP"};
  urls_.push_back(cat("data:", type, ";base64,", encode_base64(bytes)));
  return {static_cast<int64_t>(urls_.size()) - 1, ""};
}

}  // namespace r1v

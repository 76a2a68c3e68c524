// What a picture's header says is held against the limits before any pixel is decoded.
#include "serve/picture_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "http/error.h"
#include "http/fetch.h"
#include "prompt/data_url.h"

namespace r1v {
namespace {

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
  throw HttpError(400, "invalid_image", cat(where, ": ", what), where);
}

/// An open file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

/// Step by step from the root, so that nothing can be swapped under us; FIFOs and devices do not block.
Descriptor open_below(const std::filesystem::path& root, const std::string& path) {
  Descriptor place(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  size_t begin = 0;
  while (place.is_open()) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string part = path.substr(begin, end - begin);
    if (part.empty() || part == "." || part == ".." || part.find('\0') != std::string::npos) return Descriptor(-1);
    const bool is_last = end == path.size();
    const int kind = is_last ? O_NONBLOCK | O_NOCTTY : O_DIRECTORY;
    place = Descriptor(::openat(place.number(), part.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | kind));
    if (is_last) break;
    begin = end + 1;
  }
  return place;
}

/// The path below the root that a "file:" URL or a plain path means; empty: none.
std::string relative_path(const std::filesystem::path& root, std::string path) {
  if (path.starts_with("file://")) {
    path.erase(0, 7);
  } else if (path.starts_with("file:")) {
    path.erase(0, 5);
  }
  if (!path.starts_with('/')) return path;
  const std::string front = std::filesystem::absolute(root).lexically_normal().string();
  const std::string folder = front.ends_with('/') ? front : front + "/";
  return path.starts_with(folder) ? path.substr(folder.size()) : "";
}

}  // namespace

std::string read_below(const std::filesystem::path& root, const std::string& path, int64_t max_bytes,
                       const std::string& where) {
  const std::string missing = "there is no such picture file below the folder that this server reads";
  if (path.find('%') != std::string::npos) refuse(where, "write file names as they are, without %");
  const Descriptor file = open_below(root, relative_path(root, path));
  struct stat facts = {};
  if (!file.is_open() || ::fstat(file.number(), &facts) != 0 || !S_ISREG(facts.st_mode)) refuse(where, missing);
  if (facts.st_size > max_bytes) refuse(where, cat("the file has more than ", max_bytes, " bytes"));
  std::string bytes(static_cast<size_t>(facts.st_size), '\0');
  size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = ::read(file.number(), bytes.data() + have, bytes.size() - have);
    if (got <= 0) refuse(where, missing);
    have += static_cast<size_t>(got);
  }
  return bytes;
}

std::string RequestPictures::bytes_of(const std::string& url, const std::string& where) const {
  const int64_t max_bytes = options_.limits.picture.max_bytes;
  if (url.starts_with("data:")) {
    // Four characters of base64 are three bytes.
    if (static_cast<int64_t>(url.size() / 4 * 3) > max_bytes + 64) {
      refuse(where, cat("the picture has more than ", max_bytes, " bytes"));
    }
    try {
      return decode_data_url(url, where);
    } catch (const InputError& error) {
      throw HttpError(400, "invalid_image", error.what(), where);
    }
  }
  if (url.starts_with("http:") || url.starts_with("https:")) {
    if (options_.fetch.allowed_hosts.empty()) {
      refuse(where,
             "this server fetches no pictures; send the picture itself as a data URL "
             "(data:image/png;base64,...)");
    }
    try {
      return fetch(url, options_.fetch);
    } catch (const HttpError& error) {
      throw HttpError(error.status, error.code, cat(where, ": ", error.what()), where);
    }
  }
  if (options_.picture_root.empty() || (url.find(':') != std::string::npos && !url.starts_with("file:"))) {
    refuse(where, cat("found \"", printable(url, 40), "\", expected a data URL (data:image/png;base64,...)"));
  }
  return read_below(options_.picture_root, url, max_bytes, where);
}

Picture RequestPictures::read(const std::string& url, const std::string& where) {
  const ServeLimits& limits = options_.limits;
  if (++num_pictures_ > limits.max_pictures) {
    refuse(where, cat("the request has more than ", limits.max_pictures, " pictures"));
  }
  PictureLimits picture_limits = limits.picture;
  const int64_t left = limits.max_total_pixels / copies_ - pixels_;
  if (left <= 0)
    refuse(where, cat("the request's pictures have more than ", limits.max_total_pixels / copies_, " pixels"));
  picture_limits.max_pixels = std::min(picture_limits.max_pixels, left);
  const std::string bytes = bytes_of(url, where);
  try {
    Picture picture = decode_picture(bytes, where, picture_limits);
    pixels_ += static_cast<int64_t>(picture.width) * picture.height;
    return picture;
  } catch (const HttpError&) {
    throw;
  } catch (const InputError& error) {
    throw HttpError(400, "invalid_image", error.what(), where);
  }
}

}  // namespace r1v

// Pictures of a request: from a data URL, or from elsewhere where the server allows it.
#pragma once

#include <string>

#include "io/picture.h"
#include "serve/routes.h"

namespace r1v {

/// Reads the pictures of one request and holds them all together against the limits.
class RequestPictures {
 public:
  /// copies  how often what is made of each picture is held at a time (best_of, scores of several answers).
  explicit RequestPictures(const ServeOptions& options, int64_t copies = 1) : options_(options), copies_(copies) {}
  /// where  the field that names it. throws HttpError 400: too many, too large, broken, not allowed, not found.
  Picture read(const std::string& url, const std::string& where);

 private:
  std::string bytes_of(const std::string& url, const std::string& where) const;

  const ServeOptions& options_;
  int64_t copies_;
  int64_t num_pictures_ = 0;
  int64_t pixels_ = 0;
};

/// A regular file below root: no part of the path is "..", a link or anything but a folder.
/// throws HttpError 400; whatever is wrong, it says the same.
std::string read_below(const std::filesystem::path& root, const std::string& path, int64_t max_bytes,
                       const std::string& where);

}  // namespace r1v

// Files that live in the binary, such as the page's, as routes that need no key.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "http/exchange.h"

namespace r1v {

struct StaticFile {
  std::string_view path;  // as it is asked for: "/", "/assets/app.js"
  std::string_view content_type;
  std::string_view bytes;
  std::string_view encoding;  // "", "br", "gzip"; several entries of one path are its variants, "" among them
  std::string_view sha256;    // of bytes, hexadecimal
};

/// The page, made at build time from serve/page.
std::span<const StaticFile> page_assets();

/// One route a path: the smallest variant that the client takes, ETag and 304, a strict Content-Security-Policy.
/// What the files point to outlives the routes.
std::vector<HttpRoute> static_routes(std::span<const StaticFile> files);

}  // namespace r1v

// The browser is told to run, load and send nothing but what comes from here.
#include "serve/static_files.h"

#include <algorithm>
#include <map>
#include <string>

#include "base/error.h"

namespace r1v {
namespace {

constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Whether Accept-Encoding takes it: named, and not with the weight 0.
bool accepts(std::string_view header, std::string_view encoding) {
  if (encoding.empty()) return true;
  while (!header.empty()) {
    std::string_view item = header.substr(0, header.find(','));
    header.remove_prefix(std::min(header.size(), item.size() + 1));
    item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
    if (!item.starts_with(encoding)) continue;
    const std::string_view rest = item.substr(encoding.size());
    const size_t weight = rest.find("q=0");
    const bool is_zero =
        weight != std::string_view::npos && rest.find_first_not_of("0.", weight + 2) == std::string_view::npos;
    if (rest.empty() || rest[0] == ';' || rest[0] == ' ') return !is_zero;
  }
  return false;
}

void reply(HttpExchange& exchange, const std::vector<StaticFile>& variants) {
  const auto& headers = exchange.request().headers;
  const auto header = [&](const char* name) {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  };
  const StaticFile* chosen = nullptr;
  for (const StaticFile& variant : variants) {
    if (!accepts(header("accept-encoding"), variant.encoding)) continue;
    if (chosen == nullptr || variant.bytes.size() < chosen->bytes.size()) chosen = &variant;
  }
  R1V_CHECK(chosen != nullptr, "a static file without a plain variant: ", variants.front().path);
  const std::string tag = cat('"', chosen->sha256.substr(0, 32), '"');
  HttpReply out{.content_type = std::string(chosen->content_type)};
  // Names stay while contents change with the program: browsers ask each time, and mostly hear "not modified".
  out.headers = {{"ETag", tag},
                 {"Cache-Control", "no-cache"},
                 {"Vary", "Accept-Encoding"},
                 {"Content-Security-Policy", kPolicy},
                 {"X-Content-Type-Options", "nosniff"},
                 {"Referrer-Policy", "no-referrer"},
                 {"Cross-Origin-Opener-Policy", "same-origin"}};
  if (header("if-none-match").find(tag) != std::string_view::npos) {
    out.status = 304;
  } else {
    if (!chosen->encoding.empty()) out.headers.emplace_back("Content-Encoding", chosen->encoding);
    out.body = chosen->bytes;
  }
  exchange.reply(std::move(out));
}

}  // namespace

std::vector<HttpRoute> static_routes(std::span<const StaticFile> files) {
  std::map<std::string, std::vector<StaticFile>> by_path;
  for (const StaticFile& file : files) by_path[std::string(file.path)].push_back(file);
  std::vector<HttpRoute> routes;
  for (auto& [path, variants] : by_path) {
    routes.push_back(
        {.method = "GET",
         .pattern = path,
         .handler = [files_of_path = std::move(variants)](
                        const std::shared_ptr<HttpExchange>& exchange) { reply(*exchange, files_of_path); },
         .needs_key = false});
  }
  return routes;
}

}  // namespace r1v

// Part by part; a {name} takes one part that is not empty.
#include "http/router.h"

#include <utility>

#include "base/error.h"
#include "http/split.h"

namespace r1v {
namespace {

// "/v1/models" -> "v1", "models"
std::vector<std::string_view> parts_of(std::string_view path) { return split(path.substr(1), '/'); }

bool is_name(std::string_view part) { return part.starts_with('{') && part.ends_with('}'); }

bool fits(const std::vector<std::string>& pattern, const std::vector<std::string_view>& path) {
  if (pattern.size() != path.size()) return false;
  for (size_t i = 0; i < path.size(); ++i) {
    if (is_name(pattern[i]) ? path[i].empty() : path[i] != pattern[i]) return false;
  }
  return true;
}

}  // namespace

Router::Router(std::vector<HttpRoute> routes) {
  for (HttpRoute& route : routes) {
    R1V_CHECK(route.pattern.starts_with('/') && route.handler, "route ", route.pattern);
    const std::vector<std::string_view> parts = parts_of(route.pattern);
    std::vector<std::string> kept(parts.begin(), parts.end());
    entries_.push_back({std::move(route), std::move(kept)});
  }
}

RouteMatch Router::match(std::string_view method, std::string_view path) const {
  const std::vector<std::string_view> parts = parts_of(path);
  RouteMatch match;
  for (const Entry& entry : entries_) {
    if (!fits(entry.parts, parts)) continue;
    if (!match.allow.empty()) match.allow += ", ";
    match.allow += entry.route.method == "GET" ? "GET, HEAD" : entry.route.method;
    if (match.route != nullptr || entry.route.method != (method == "HEAD" ? "GET" : method)) continue;
    match.route = &entry.route;
    for (size_t i = 0; i < parts.size(); ++i) {
      if (is_name(entry.parts[i])) {
        match.parameters[entry.parts[i].substr(1, entry.parts[i].size() - 2)] = parts[i];
      }
    }
  }
  return match;
}

}  // namespace r1v

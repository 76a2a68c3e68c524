// Which route a decoded path and a method belong to.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.h"

namespace r1v {

struct RouteMatch {
  const HttpRoute* route = nullptr;               // null: no route has this path and method
  std::map<std::string, std::string> parameters;  // {name} parts
  std::string allow;                              // methods that the path has, "GET, HEAD"; "" = no such path
};

class Router {
 public:
  /// The first of two routes that fit wins. A GET route answers HEAD, too.
  explicit Router(std::vector<HttpRoute> routes);
  RouteMatch match(std::string_view method, std::string_view path) const;

 private:
  struct Entry {
    HttpRoute route;
    std::vector<std::string> parts;
  };
  std::vector<Entry> entries_;
};

}  // namespace r1v

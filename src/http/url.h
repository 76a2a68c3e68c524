// URLs that may be fetched, read strictly: what two parsers might read in two ways is refused.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace r1v {

struct WebUrl {
  bool is_https = true;
  std::string host;  // lower case; an IPv6 address without its brackets
  bool is_address = false;
  uint16_t port = 443;
  std::string target = "/";  // path and query

  /// For Host: with brackets and a port that is not the scheme's own.
  std::string authority() const;
};

/// "https://host[:port][/path][?query][#dropped]". throws HttpError 400: another scheme, user information, a backslash,
/// characters that are not visible ASCII, a host that is neither a DNS name nor an address in its usual form.
WebUrl parse_web_url(std::string_view text);

/// Where a Location leads from here. throws as above.
WebUrl follow_location(const WebUrl& from, std::string_view location);

}  // namespace r1v

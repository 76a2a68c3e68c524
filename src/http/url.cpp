// No repair, no defaults but the port and the path.
#include "http/url.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "http/address.h"
#include "http/error.h"
#include "http/head.h"
#include "http/split.h"

namespace r1v {
namespace {

constexpr size_t kMaxUrl = 2048;
constexpr size_t kMaxHost = 253;
constexpr size_t kMaxLabel = 63;

[[noreturn]] void refuse(const std::string& why) {
  throw HttpError(400, "invalid_image_url", cat("this is no URL that may be fetched: ", why));
}

// "127.1", "0x7f000001", "2130706433", "0177.0.0.1": numbers that some programs take for addresses.
bool looks_like_number(std::string_view label) {
  return label.starts_with("0x") || label.find_first_not_of("0123456789") == std::string_view::npos;
}

void check_name(const std::string& host) {
  if (host.empty() || host.size() > kMaxHost) refuse("its host is empty or too long");
  const std::vector<std::string_view> labels = split(host, '.');
  for (const std::string_view label : labels) {
    const bool is_label = !label.empty() && label.size() <= kMaxLabel && label.front() != '-' && label.back() != '-' &&
                          label.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string_view::npos;
    if (!is_label) refuse("its host is no DNS name");
  }
  if (looks_like_number(labels.back())) refuse("its host is an address in an unusual form");
}

void read_port(std::string_view text, WebUrl& url) {
  const bool is_number = !text.empty() && text.size() <= 5 && text.front() != '0' &&
                         text.find_first_not_of("0123456789") == std::string_view::npos;
  const int port = is_number ? std::stoi(std::string(text)) : 0;
  if (port < 1 || port > 65535) refuse("its port is no number from 1 to 65535");
  url.port = static_cast<uint16_t>(port);
}

void read_authority(std::string_view text, WebUrl& url) {
  if (text.find('@') != std::string_view::npos) refuse("it has user information in it");
  if (text.find('%') != std::string_view::npos) refuse("its host has a percent sign in it");
  size_t end = text.find(':');
  if (text.starts_with('[')) {
    const size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) refuse("its host has no closing bracket");
    url.host = lower_case(text.substr(1, bracket - 1));
    if (!is_ipv6_address(url.host)) refuse("its host is no IPv6 address");
    url.is_address = true;
    end = bracket + 1;
    if (end < text.size() && text[end] != ':') refuse("something other than a port follows its host");
  } else {
    url.host = lower_case(text.substr(0, end));
    url.is_address = is_ipv4_address(url.host);
    if (!url.is_address) check_name(url.host);
  }
  if (end < text.size()) read_port(text.substr(end + 1), url);
}

}  // namespace

std::string WebUrl::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == (is_https ? 443 : 80) ? name : cat(name, ":", port);
}

WebUrl parse_web_url(std::string_view text) {
  if (text.size() > kMaxUrl) refuse(cat("it is longer than ", kMaxUrl, " bytes"));
  const bool is_visible = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (!is_visible) refuse("it has characters in it that are not visible ASCII; encode them");
  if (text.find('\\') != std::string_view::npos) refuse("it has a backslash in it");
  const size_t colon = text.find("://");
  const std::string scheme = lower_case(text.substr(0, colon == std::string_view::npos ? 0 : colon));
  if (scheme != "https" && scheme != "http") refuse("it starts with neither https:// nor http://");
  WebUrl url{.is_https = scheme == "https"};
  url.port = url.is_https ? 443 : 80;
  text.remove_prefix(colon + 3);
  text = text.substr(0, text.find('#'));
  const size_t end = std::min(text.find_first_of("/?"), text.size());
  read_authority(text.substr(0, end), url);
  url.target = text.substr(end);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  return url;
}

WebUrl follow_location(const WebUrl& from, std::string_view location) {
  const std::string scheme = from.is_https ? "https:" : "http:";
  const std::string origin = cat(scheme, "//", from.authority());
  const size_t colon = location.find(':');
  if (colon != std::string_view::npos && colon < location.find_first_of("/?#")) return parse_web_url(location);
  if (location.starts_with("//")) return parse_web_url(cat(scheme, location));
  if (location.starts_with('/')) return parse_web_url(cat(origin, location));
  const std::string path = from.target.substr(0, from.target.find('?'));
  if (location.starts_with('?')) return parse_web_url(cat(origin, path, location));
  return parse_web_url(cat(origin, path.substr(0, path.rfind('/') + 1), location));
}

}  // namespace r1v

// Each hop: read the URL, check scheme and host, resolve once, check the addresses, connect to them, check the reply.
#include "http/fetch.h"

#include <algorithm>

#include "base/clock.h"
#include "base/error.h"
#include "http/address.h"
#include "http/error.h"
#include "http/fetch_hop.h"
#include "http/fetch_steps.h"
#include "http/head.h"
#include "http/url.h"

namespace r1v {
namespace {

[[noreturn]] void refuse(const std::string& message) { throw HttpError(400, "image_url_not_allowed", message); }

bool is_allowed(const std::string& host, const std::vector<std::string>& allowed_hosts) {
  return std::any_of(allowed_hosts.begin(), allowed_hosts.end(), [&](const std::string& allowed) {
    const std::string lower = lower_case(allowed);
    if (lower.starts_with("*.")) return host.size() >= lower.size() && host.ends_with(lower.substr(1));
    return host == lower;
  });
}

void check_url(const WebUrl& url, const FetchPolicy& policy) {
  if (policy.allowed_hosts.empty()) refuse("this server fetches no pictures; send the picture itself as a data URL");
  if (!url.is_https && !policy.allows_http) refuse("this server fetches pictures over https alone");
  if (!is_allowed(url.host, policy.allowed_hosts)) {
    refuse(
        cat("this server fetches no pictures from ", printable(url.host), "; send the picture itself as a data URL"));
  }
}

std::vector<std::string> addresses_of(const WebUrl& url, const FetchPolicy& policy, const ResolveHost& resolve,
                                      double deadline_s) {
  const std::vector<std::string> addresses =
      url.is_address ? std::vector<std::string>{url.host} : resolve(url.host, deadline_s);
  if (addresses.empty()) refuse(cat("the host ", printable(url.host), " has no address"));
  // One address inside is enough to refuse: a name that mixes them is up to something.
  const bool are_public = std::all_of(addresses.begin(), addresses.end(), is_public_address);
  if (!are_public && !policy.allows_private_addresses) {
    refuse(cat("the host ", printable(url.host), " is not on the public Internet"));
  }
  return addresses;
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

std::string fetch(const std::string& url, const FetchPolicy& policy) { return fetch_with(url, policy, resolve_host); }

std::string fetch_with(const std::string& url, const FetchPolicy& policy, const ResolveHost& resolve) {
  const double deadline_s = monotonic_s() + policy.timeout_s;
  WebUrl here = parse_web_url(url);
  for (int64_t redirects = 0;; ++redirects) {
    check_url(here, policy);
    FetchHopReply reply = fetch_hop({.url = here,
                                     .addresses = addresses_of(here, policy, resolve, deadline_s),
                                     .ca_file = policy.ca_file,
                                     .max_bytes = static_cast<size_t>(policy.max_bytes),
                                     .deadline_s = deadline_s});
    if (reply.status == 200) return std::move(reply.body);
    if (!is_redirect(reply.status) || reply.location.empty()) {
      throw HttpError(400, "image_fetch_failed", "the picture could not be fetched: there is none at this URL");
    }
    if (redirects >= policy.max_redirects) refuse(cat("the URL redirects more than ", policy.max_redirects, " times"));
    here = follow_location(here, reply.location);
  }
}

}  // namespace r1v
